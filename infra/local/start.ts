import { createPost } from "../../functions/deliver/post.ts";
import { sign } from "../../functions/deliver/sign.ts";
import { rawPrefix } from "../../functions/mail/keys.ts";
import type { ObjectStore, Post, Queue, Resolve } from "../../functions/mail/ports.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { createResolver } from "../../functions/validate/dns.ts";
import { deadLetterQueueName, pipeline } from "../pipeline.ts";
import { openEmbedded } from "./embedded.ts";
import { openEventLog } from "./event-log.ts";
import { startFrontEnd } from "./front-end.ts";
import { createHandlers } from "./handlers.ts";
import { createHttpServer } from "./http/server.ts";
import { createSink } from "./http/sink.ts";
import { formatLine } from "./lines.ts";
import { listen } from "./listen.ts";
import { openLiveConfig } from "./live-config.ts";
import { createObjectUrls, openUrlSecret } from "./object-urls.ts";
import { startPump } from "./pump.ts";
import { type Settings, StartError } from "./settings.ts";

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
  /** Takes no new mail, finishes what is under way, and lets go of the folder. */
  stop(): Promise<void>;
}

const now = Date.now;

/** Batches under way at once for each stage; a webhook may take 15 s, so delivery gets more. */
const pollers = { parse: 4, validate: 4, route: 4, deliver: 16 } as const;

const queues = pipeline.flatMap(({ stage, receiveLimit }) => {
  const deadLetters = deadLetterQueueName(stage);
  return [{ name: stage, redrive: { receiveLimit, deadLetters } }, { name: deadLetters }];
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
      queues,
      notifications: [{ prefix: rawPrefix, queue: "parse" }],
      now,
    });
    stops.push(() => embedded.close());
    const store = outside.wrapStore(embedded.store);
    const queue = (name: string) => outside.wrapQueue(embedded.queue(name));
    const { log, report } = openLogs(folder, outside.print, stops);

    let httpPort = 0;
    const origin = () => `http://${host}:${httpPort}`;
    const config = await openLiveConfig({ ...settings, origin, report });
    stops.push(() => config.close());
    const urls = createObjectUrls(origin, openUrlSecret(folder));
    const http = createHttpServer({
      sink: createSink({ secrets: config.secrets, sign, now }),
      store,
      urls,
      now,
    });
    httpPort = await listen(http, host, settings.httpPort).catch(explainPort("HTTP", settings.httpPort));
    stops.push(() => closeHttp(http));

    const handlers = createHandlers({
      store,
      queue,
      log,
      now,
      urls,
      config: async () => config.current(),
      secrets: async (endpoint) => config.secrets(endpoint),
      resolve: outside.resolve,
      post: outside.post,
      random: Math.random,
    });
    for (const stage of pipeline) {
      const onError = (error: unknown) => report(`${stage.stage}: ${describe(error)}`);
      const options = { queue: queue(stage.stage), pollers: pollers[stage.stage], onError };
      stops.push(startPump(stage, handlers[stage.stage], options).stop);
    }
    const frontEnd = await startFrontEnd(settings, { store, log, now, config: config.current }).catch(
      explainPort("SMTP", settings.smtpPort),
    );
    stops.push(frontEnd.close);
    return { smtpPort: frontEnd.port, httpPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function openLogs(folder: string, print: (line: string) => void, stops: (() => void)[]) {
  const eventLog = openEventLog(folder);
  stops.push(eventLog.flush);
  return {
    log: (event: StageEvent) => {
      eventLog.append(event);
      print(formatLine(event));
    },
    report: (sentence: string) => print(`${new Date(now()).toISOString().slice(11, 23)} ${sentence}`),
  };
}

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function closeHttp(http: ReturnType<typeof createHttpServer>): Promise<void> {
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
}

const explainPort = (name: "SMTP" | "HTTP", port: number) => (error: unknown) => {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const variable = `MAILCHUTE_${name}_PORT`;
  if (code === "EADDRINUSE")
    throw new StartError(
      `port ${port} for ${name} is taken: end the program that has it, or set ${variable} to another port, or to 0 for any free one`,
    );
  if (code === "EACCES")
    throw new StartError(
      `port ${port} for ${name} is not for this user: set ${variable} to a port above 1023`,
    );
  throw error;
};
