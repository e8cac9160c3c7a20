import { createPost } from "../../functions/deliver/post.ts";
import { sign } from "../../functions/deliver/sign.ts";
import { rawPrefix } from "../../functions/mail/keys.ts";
import type { ObjectStore, Post, Queue, Resolve } from "../../functions/mail/ports.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import type { Listener } from "../../functions/smtp/config.ts";
import { createResolver } from "../../functions/validate/dns.ts";
import { deadLetterQueueName, pipeline } from "../pipeline.ts";
import { openEmbedded, type QueueDeclaration } from "./embedded.ts";
import { openEventLog } from "./event-log.ts";
import { startFrontEnd } from "./front-end.ts";
import { createHandlers } from "./handlers.ts";
import { localRoutes } from "./http/routes.ts";
import { createHttpServer } from "./http/server.ts";
import { createSink } from "./http/sink.ts";
import { createChaos } from "./inspector/chaos.ts";
import { createMeter } from "./inspector/meter.ts";
import { openIndex } from "./inspector/open-index.ts";
import { formatLine } from "./lines.ts";
import { explainPort, listen } from "./listen.ts";
import { openLiveConfig } from "./live-config.ts";
import { createObjectUrls, openUrlSecret } from "./object-urls.ts";
import { startPump } from "./pump.ts";
import type { Settings } from "./settings.ts";

/** What the program asks of the world outside its folder; tests put faults in between. */
export interface Outside {
  readonly print: (line: string) => void;
  readonly resolve: Resolve;
  readonly post: Post;
  readonly wrapStore: (store: ObjectStore) => ObjectStore;
  readonly wrapQueue: (queue: Queue) => Queue;
}

export interface Running {
  readonly smtpPort: number;
  readonly httpPort: number;
  /** Beside these. */
  readonly listeners: readonly Listener[];
  /** Takes no new mail, finishes what is under way, and lets go of the folder. */
  stop(): Promise<void>;
}

const now = Date.now;

/** Batches under way at once for each stage; a webhook may take 15 s, so delivery gets more. */
export const pollers = { parse: 4, validate: 4, route: 4, deliver: 32 } as const;

/** Of the deliveries under way, those to one endpoint: it takes four that do not answer to slow the others. */
const endpointDeliveriesMax = pollers.deliver / 4;

export const queueDeclarations = pipeline.flatMap(({ stage, receiveLimit, isFair }): QueueDeclaration[] => {
  const deadLetters = deadLetterQueueName(stage);
  const redrive = { receiveLimit, deadLetters };
  return [
    { name: stage, redrive, ...(isFair ? { groupHeldMax: endpointDeliveriesMax } : {}) },
    { name: deadLetters },
  ];
});

/** The world as it is. */
export const realOutside = (print: (line: string) => void): Outside => ({
  print,
  // A laptop without DNS must not hold mail back: one short question, and the verdict is temperror.
  resolve: createResolver({ now, timeoutMs: 1_000, tries: 1 }),
  post: createPost(),
  wrapStore: (store) => store,
  wrapQueue: (queue) => queue,
});

/** Starts the whole pipeline in this process; a `StartError` says in one sentence what keeps it from starting. */
export async function startLocal(settings: Settings, outside: Outside): Promise<Running> {
  const { host, folder } = settings;
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    const embedded = await openEmbedded({
      folder,
      queues: queueDeclarations,
      notifications: [{ prefix: rawPrefix, queue: "parse" }],
      now,
    });
    stops.push(() => embedded.close());
    const { index, evidence, chaos, meter, log, report } = openWatch(folder, outside.print, stops);
    const store = chaos.wrapStore(outside.wrapStore(embedded.store));
    const queue = (name: string) => chaos.wrapQueue(outside.wrapQueue(embedded.queue(name)));

    let [httpPort, smtpPort] = [0, 0];
    const origin = () => `http://${host}:${httpPort}`;
    const config = await openLiveConfig({ ...settings, origin, report });
    stops.push(() => config.close());
    const urls = createObjectUrls(origin, openUrlSecret(folder));
    const sink = createSink({ secrets: config.secrets, sign, now });
    const http = createHttpServer(
      localRoutes({
        ...{ index, evidence, meter, chaos, sink, config, urls, log, now },
        ...embedded,
        resolve: outside.resolve,
        smtpAddress: () => `${host}:${smtpPort}`,
      }),
    );
    httpPort = await listen(http, host, settings.httpPort).catch(explainPort("HTTP", settings.httpPort));
    stops.push(() => closeHttp(http));

    const handlers = createHandlers({
      store,
      queue: (name) => (name === "route" ? evidence.watchValidated(queue(name), store) : queue(name)),
      log,
      now,
      urls,
      config: async () => config.current(),
      secrets: async (endpoint) => config.secrets(endpoint),
      resolve: chaos.wrapResolve(outside.resolve),
      post: evidence.watchPost(chaos.wrapPost(outside.post)),
      random: Math.random,
    });
    stops.push(...startPumps(handlers, { queue, report }));
    const frontEnd = await startFrontEnd(settings, {
      ...{ store, log, now, config: config.current, resolve: outside.resolve },
      keepTranscript: index.keepTranscript,
    });
    stops.push(frontEnd.close);
    smtpPort = frontEnd.port;
    return { smtpPort, httpPort, listeners: frontEnd.listeners, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface PumpDeps {
  readonly queue: (name: string) => Queue;
  readonly report: (sentence: string) => void;
}

function startPumps(handlers: ReturnType<typeof createHandlers>, { queue, report }: PumpDeps) {
  return pipeline.map((stage) => {
    const onError = (error: unknown) => report(`${stage.stage}: ${describe(error)}`);
    const options = { queue: queue(stage.stage), pollers: pollers[stage.stage], onError };
    return startPump(stage, handlers[stage.stage], options).stop;
  });
}

/** What looks on, and what it can do to the mail: logs, index, meter, and faults on purpose. */
function openWatch(folder: string, print: (line: string) => void, stops: (() => void)[]) {
  const { index, evidence, onWritten, close } = openIndex(folder);
  const eventLog = openEventLog(folder, onWritten);
  stops.push(close, eventLog.flush);
  const meter = createMeter(now);
  const log = (event: StageEvent) => {
    eventLog.append(event);
    meter.add(event);
    print(formatLine(event));
  };
  const report = (sentence: string) => print(`${new Date(now()).toISOString().slice(11, 23)} ${sentence}`);
  return { index, evidence, meter, chaos: createChaos({ random: Math.random }), log, report };
}

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function closeHttp(http: ReturnType<typeof createHttpServer>): Promise<void> {
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
}
