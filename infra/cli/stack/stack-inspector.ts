/** What the inspector knows of one machine, of a deployed stack: the same index, made of the events in its logs. */
import { randomBytes } from "node:crypto";
import type { Deployed } from "../../../functions/aws/deployed.ts";
import { sign } from "../../../functions/deliver/sign.ts";
import type { Config } from "../../../functions/mail/config.ts";
import type { Resolve } from "../../../functions/mail/ports.ts";
import { stageNames } from "../../../functions/mail/stage-event.ts";
import { openDatabase } from "../../local/database.ts";
import { createSink } from "../../local/http/sink.ts";
import { createChaos } from "../../local/inspector/chaos.ts";
import { createEvidence } from "../../local/inspector/evidence.ts";
import { indexSchema } from "../../local/inspector/index-schema.ts";
import type { Inspector } from "../../local/inspector/inspector.ts";
import { createMessageIndex } from "../../local/inspector/message-index.ts";
import { createMeter } from "../../local/inspector/meter.ts";
import { createObjectUrls } from "../../local/object-urls.ts";

export interface StackInspector extends Inspector {
  /** Takes in what was logged meanwhile. */
  readonly refresh: () => Promise<void>;
}

export interface StackInspectorDeps {
  readonly config: () => Config;
  readonly resolve: Resolve;
  /** Older events are left where they are. */
  readonly fromMs: number;
}

/** Logs come late: what is asked for overlaps by this much. */
const overlapMs = 2 * 60_000;

export function createStackInspector(
  { store, queue, readEvents, now }: Deployed,
  { config, resolve, fromMs }: StackInspectorDeps,
): StackInspector {
  const database = openDatabase(":memory:", [indexSchema]);
  const index = createMessageIndex(database);
  let readToMs = fromMs + overlapMs;
  return {
    ...{ store, queue, index, now, resolve },
    refresh: async () => {
      const startedMs = now();
      for (const event of await readEvents(stageNames, readToMs - overlapMs)) index.add(event);
      index.flush();
      readToMs = startedMs;
    },
    evidence: createEvidence(database, index.later),
    config: { current: config, source: config, override: elsewhere, rotateSecret: elsewhere },
    // How old a queue's oldest message is, SQS tells to CloudWatch alone.
    view: () => ({
      oldestSentAtMs: () => null,
      list: elsewhere,
      hasten: elsewhere,
      move: elsewhere,
      purge: elsewhere,
    }),
    ...besides(now),
  };
}

/** What these operations are on AWS, `stack-operations.ts` says; the others are not offered. */
const elsewhere = (): never => {
  throw new Error("not on AWS");
};

/** Of one machine alone; no operation that a stack offers comes here. */
const besides = (now: Deployed["now"]) => ({
  meter: createMeter(now),
  chaos: createChaos({ random: Math.random }),
  sink: createSink({ secrets: () => [], sign, now }),
  urls: createObjectUrls(() => "", randomBytes(32)),
  log: () => undefined,
  smtpAddress: elsewhere,
});
