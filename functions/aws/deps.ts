import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../mail/config.ts";
import type { ObjectUrls, SendToBus } from "../mail/ports.ts";
import { openBucket } from "./bucket.ts";
import { createClients } from "./clients.ts";
import { createConfigReader } from "./config.ts";
import { createSendToBus } from "./event-bus.ts";
import { createLog, createReportProblem } from "./log.ts";
import { createPutter } from "./put.ts";
import { createQueues } from "./queues.ts";
import { createSecrets } from "./secrets.ts";
import { type Environment, readAwsSettings } from "./settings.ts";
import type { HandlerDeps } from "./stage.ts";
import { createStore } from "./store.ts";
import { createObjectUrls } from "./urls.ts";
import { printLine } from "./write-lines.ts";

export interface AwsDeps extends HandlerDeps {
  readonly urls: ObjectUrls;
  /** The config in force. */
  readonly config: () => Promise<Config>;
  /** The signing secrets of an endpoint, newest first. */
  readonly secrets: (endpoint: string) => Promise<readonly string[]>;
  readonly sendToBus: SendToBus;
}

/** Wires everything that runs on AWS, once per process. */
export function awsDeps(env: Environment, write: (line: string) => void = printLine): AwsDeps {
  const settings = readAwsSettings(env);
  const { bucket, queueUrls, service, secretPrefix } = settings;
  const { s3, sqs, secretsManager } = createClients(settings);
  const now = Date.now;
  const open = openBucket(s3, { bucket, endpoint: settings.s3Endpoint, now });
  const { put } = createPutter({ open, now, random: Math.random, pause });
  const store = createStore({ client: s3, bucket, put });
  const logging = { service, now, write };
  return {
    store,
    queue: createQueues({ client: sqs, queueUrls }),
    log: createLog(logging),
    now,
    urls: createObjectUrls({ open, now }),
    config: createConfigReader({ store, report: createReportProblem(logging), now }),
    sendToBus: createSendToBus(settings.eventBridgeEndpoint),
    secrets: createSecrets({ client: secretsManager, prefix: secretPrefix, now }),
  };
}
