import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../mail/config.ts";
import type { ObjectUrls } from "../mail/ports.ts";
import { openBucket } from "./bucket.ts";
import { createClients } from "./clients.ts";
import { createConfigReader } from "./config.ts";
import { createLog, createReportProblem } from "./log.ts";
import { type ConnectPut, createPutter } from "./put.ts";
import { connectByNode } from "./put-by-node.ts";
import { createQueues } from "./queues.ts";
import { type Environment, readAwsSettings } from "./settings.ts";
import type { HandlerDeps } from "./stage.ts";
import { createStore } from "./store.ts";
import { createObjectUrls } from "./urls.ts";
import { printLine } from "./write-lines.ts";

export interface AwsDeps extends HandlerDeps {
  readonly urls: ObjectUrls;
  /** The config in force. */
  readonly config: () => Promise<Config>;
}

export interface AwsOptions {
  readonly write?: (line: string) => void;
  readonly connect?: ConnectPut;
}

/** Wires what every function on AWS needs, once per process. */
export function awsDeps(
  env: Environment,
  { write = printLine, connect = connectByNode }: AwsOptions = {},
): AwsDeps {
  const settings = readAwsSettings(env);
  const { bucket, queueUrls, service } = settings;
  const { s3, sqs } = createClients(settings);
  const now = Date.now;
  const open = openBucket(s3, { bucket, endpoint: settings.s3Endpoint, now });
  const { put } = createPutter({ open, connect, now, random: Math.random, pause });
  const store = createStore({ client: s3, bucket, put });
  const logging = { service, now, write };
  return {
    store,
    queue: createQueues({ client: sqs, queueUrls }),
    log: createLog(logging),
    now,
    urls: createObjectUrls({ open, now }),
    config: createConfigReader({ store, report: createReportProblem(logging), now }),
  };
}
