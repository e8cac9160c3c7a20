/** What the stages' code asks of AWS: mails of every kind go through the handlers, and each call of a port is written down. */
import type { SqsHandler } from "../../functions/aws/consume.ts";
import { createLog } from "../../functions/aws/log.ts";
import type { HandlerDeps } from "../../functions/aws/stage.ts";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import { type Config, type ConfigInput, parseConfig } from "../../functions/mail/config.ts";
import type { ObjectStore, OutgoingMessage, Queue } from "../../functions/mail/ports.ts";
import type { StageName } from "../../functions/mail/stage-event.ts";
import { createParseHandler } from "../../functions/parse/handler.ts";
import { createRouteHandler } from "../../functions/route/handler.ts";
import { createValidateHandler } from "../../functions/validate/handler.ts";
import { record } from "../aws/fakes.ts";
import { storeRaw } from "../parse/parse-data.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { ordinaryMail } from "./ordinary-mail.ts";

const arn = (service: string, name: string) => `arn:aws:${service}:eu-west-1:111122223333:${name}`;

/** Every kind of endpoint. */
export const config: ConfigInput = {
  hostname: "mx.test",
  endpoints: {
    helpdesk: { url: "https://app.example.com/hooks/mail" },
    legacy: { url: "https://app.example.com/hooks/postmark", format: "postmark" },
    billing: { queue: arn("sqs", "billing-mail") },
    audit: { bus: arn("events", "event-bus/mail") },
  },
  routes: [
    {
      name: "held",
      when: { mailFrom: "held@client.test", recipient: "*@mx.test" },
      quarantine: "It is a test",
    },
    { name: "rest", when: { recipient: "*@mx.test" }, to: ["helpdesk", "legacy", "billing", "audit"] },
  ],
  validate: { findDuplicates: true },
};

const mail = (text: string) =>
  Buffer.from(
    [
      "From: a@client.test",
      "Message-ID: <1@client.test>",
      "Content-Type: multipart/mixed; boundary=b",
      "",
      `--b\r\nContent-Type: text/plain\r\n\r\n${text}`,
      "--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment\r\n\r\npicture",
      "--b--\r\n",
    ].join("\r\n"),
  );

export interface OneMail {
  /** Each request, as often as it is made; what is kept for a while (the config, the secret) is not among them. */
  readonly requests: readonly string[];
  readonly webhookBytes: number;
  /** The functions' events. */
  readonly logLines: readonly string[];
}

/** What one ordinary mail to one webhook comes to. */
export async function recordOneMail(sizeBytes: number): Promise<OneMail> {
  const world = createWorld(smoothly, {
    hostname: "mx.test",
    endpoints: { helpdesk: { url: "https://app.example.com/hooks/mail" } },
    routes: [{ name: "rest", when: { recipient: "*@mx.test" }, to: ["helpdesk"] }],
  });
  await world.pass(ordinaryMail(sizeBytes), "a@client.test");
  return world.measured;
}

/** For each stage, lines such as `s3:GetObject raw`: an action, and the kind of object, the queue or the name it is for. */
export async function recordCalls(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const world = createWorld(withTrouble, config);
  await world.run("parse", "no notification");
  for (const stage of ["validate", "route", "deliver"] as const) await world.run(stage, "no message");
  await world.pass(mail("Hello."), "held@client.test");
  // Larger than a queue takes, and than a webhook shows inline.
  await world.pass(mail(`${"x".repeat(70)}\r\n`.repeat(5_000)), "a@client.test");
  return new Map([...world.calls].map(([stage, lines]) => [stage, new Set(lines)]));
}

/** What fails at the moment. */
interface Trouble {
  isStoreDown: boolean;
  isEndpointDown: boolean;
}

type Run = (receiveCount: number) => Promise<unknown>;

const smoothly = (run: Run) => run(1);

/** Once when nothing can be read, then with an endpoint that is away, which is what the history is for, then well. */
async function withTrouble(run: Run, stage: StageName, trouble: Trouble): Promise<void> {
  trouble.isStoreDown = true;
  await run(1);
  trouble.isStoreDown = false;
  trouble.isEndpointDown = true;
  await run(2);
  trouble.isEndpointDown = false;
  if (stage === "deliver") await run(3);
}

function createWorld(
  handle: (run: Run, stage: StageName, trouble: Trouble) => Promise<unknown>,
  input: ConfigInput,
) {
  const store = createMemoryStore();
  const sent = new Map<string, OutgoingMessage[]>();
  const calls = new Map<string, string[]>();
  const trouble: Trouble = { isStoreDown: false, isEndpointDown: false };
  const measured = { requests: [] as string[], webhookBytes: 0, logLines: [] as string[] };
  const handlers = createHandlers(parseConfig(input), { trouble, measured }, (stage) => {
    const note: Note = (action, resource, isRequest = true) => {
      calls.set(stage, [...(calls.get(stage) ?? []), `${action} ${resource}`]);
      if (isRequest) measured.requests.push(`${action} ${resource}`);
    };
    return { note, store: recordedStore(store, note, trouble), queue: recordedQueue(sent, note) };
  });
  const run = async (stage: keyof typeof handlers, body: string) =>
    handle(
      (receiveCount) => handlers[stage]({ Records: [record(body, { receiveCount: String(receiveCount) })] }),
      stage,
      trouble,
    );
  const pass = async (data: Uint8Array, mailFrom: string) => {
    const key = await storeRaw(data, store, mailFrom);
    const s3 = { bucket: { name: store.bucket }, object: { key } };
    await run("parse", JSON.stringify({ Records: [{ eventName: "ObjectCreated:Put", s3 }] }));
    for (const stage of ["validate", "route", "deliver"] as const) {
      for (const { body } of sent.get(stage)?.splice(0) ?? []) await run(stage, body);
    }
  };
  return { calls, run, pass, measured };
}

/** A right that is needed is not always a request of its own. */
type Note = (action: string, resource: string, isRequest?: boolean) => void;

interface Surroundings {
  readonly trouble: Trouble;
  readonly measured: { webhookBytes: number; readonly logLines: string[] };
}

interface Recorded extends Pick<HandlerDeps, "store" | "queue"> {
  readonly note: Note;
}

function failIn({ isStoreDown }: Trouble): void {
  if (isStoreDown) throw new Error("the store is down");
}

function createHandlers(
  config: Config,
  { trouble, measured }: Surroundings,
  recordFor: (stage: StageName) => Recorded,
) {
  const log = createLog({
    service: "mailchute",
    write: (line) => void measured.logLines.push(line),
    now: Date.now,
  });
  const common = (stage: StageName) => {
    const { note, ...ports } = recordFor(stage);
    const readConfig = async () => {
      note("s3:GetObject", "config", false);
      note("s3:ListBucket", "bucket", false);
      failIn(trouble);
      return config;
    };
    return { ...ports, note, config: readConfig, log, now: Date.now };
  };
  const deliver = common("deliver");
  return {
    parse: createParseHandler(common("parse")),
    validate: createValidateHandler({ ...common("validate"), resolve: noSuchName }),
    route: createRouteHandler(common("route")),
    deliver: createDeliverHandler({
      ...deliver,
      urls: {
        sign: async (key) => {
          deliver.note("s3:GetObject", kindOf(key), false);
          return `https://s3.example.com/${key}`;
        },
      },
      secrets: async (endpoint) => {
        deliver.note("secretsmanager:GetSecretValue", endpoint, false);
        return [`whsec_${"A".repeat(32)}`];
      },
      sendToBus: async (bus) => deliver.note("events:PutEvents", bus),
      post: async ({ body }) => {
        if (typeof body === "string") measured.webhookBytes += Buffer.byteLength(body);
        return { kind: "answer", status: trouble.isEndpointDown ? 500 : 204, retryAfter: null, excerpt: "" };
      },
      random: () => 0.5,
    }),
  } satisfies Record<string, SqsHandler>;
}

async function noSuchName(): Promise<never> {
  throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
}

const kindOf = (key: string) => key.slice(0, key.indexOf("/"));

/** What `functions/aws/store.ts` and `multipart.ts` make of each call. */
function recordedStore(store: ObjectStore, note: Note, trouble: Trouble): ObjectStore {
  return {
    ...store,
    get: async (key, range) => {
      note("s3:GetObject", kindOf(key));
      note("s3:ListBucket", "bucket", false);
      failIn(trouble);
      return store.get(key, range);
    },
    put: async (key, body, options) => {
      note("s3:PutObject", kindOf(key));
      return store.put(key, body, options);
    },
    putStream: async (key, body, attributes) => {
      note("s3:PutObject", kindOf(key));
      note("s3:AbortMultipartUpload", kindOf(key), false);
      return store.putStream(key, body, attributes);
    },
    delete: async (key) => {
      note("s3:DeleteObject", kindOf(key));
      return store.delete(key);
    },
    list: (prefix) => {
      note("s3:ListBucket", "bucket");
      return store.list(prefix);
    },
  };
}

function recordedQueue(sent: Map<string, OutgoingMessage[]>, note: Note) {
  return (name: string): Queue => ({
    name,
    send: async (messages) => {
      note("sqs:SendMessage", name);
      sent.set(name, [...(sent.get(name) ?? []), ...messages]);
    },
    receive: async () => [],
    delete: async () => undefined,
    changeVisibility: async () => note("sqs:ChangeMessageVisibility", name),
    depth: async () => ({ visible: 0, inFlight: 0, delayed: 0 }),
  });
}
