import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { describeError, PermanentError } from "../mail/errors.ts";
import type { Clock, Log, Queue } from "../mail/ports.ts";
import type { StageName } from "../mail/stage-event.ts";
import { messageIdIn } from "./claim-check.ts";
import { deadLetterAttributes } from "./dead-letter.ts";

/** What a stage tells the queue: the message is finished, must come back, or can never succeed. */
export type Handled =
  | { readonly kind: "done" }
  | { readonly kind: "again"; readonly delaySeconds: number }
  | { readonly kind: "dead"; readonly reason: string };

export interface Delivery {
  /** 1 the first time. */
  readonly receiveCount: number;
}

export interface ConsumeDeps {
  readonly stage: StageName;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly log: Log;
  readonly now: Clock;
}

export type SqsHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;

const backoffMaxSeconds = 900;

/** 2 s, 4 s, 8 s … 15 min: how long a message that failed by a throw rests before it comes back. */
export const backoffSeconds = (receiveCount: number) =>
  Math.min(backoffMaxSeconds, 2 ** Math.min(receiveCount, 20));

/**
 * Runs `handle` over an SQS batch, each record alone: all of partial-batch handling. A throw returns that record to
 * its queue after a back-off; `PermanentError` and "dead" move it to the dead-letter queue with the reason, the body
 * unchanged, so that a redrive is a plain move.
 */
export function consume(
  handle: (body: string, delivery: Delivery) => Promise<Handled>,
  deps: ConsumeDeps,
): SqsHandler {
  return async ({ Records }) => {
    const failures = await Promise.all(
      Records.map(async (record) => {
        const isFinished = await settle(record, await judge(record, handle, deps), deps);
        return isFinished ? [] : [{ itemIdentifier: record.messageId }];
      }),
    );
    return { batchItemFailures: failures.flat() };
  };
}

async function judge(
  record: SQSRecord,
  handle: (body: string, delivery: Delivery) => Promise<Handled>,
  deps: ConsumeDeps,
): Promise<Handled> {
  const startedMs = deps.now();
  const receiveCount = receiveCountOf(record);
  try {
    return await handle(record.body, { receiveCount });
  } catch (error) {
    const reason = describeError(error);
    const handled: Handled =
      error instanceof PermanentError
        ? { kind: "dead", reason }
        : { kind: "again", delaySeconds: backoffSeconds(receiveCount) };
    logFailure(record, { outcome: handled.kind, reason, durationMs: deps.now() - startedMs }, deps);
    return handled;
  }
}

/** True when the record is finished and may be deleted. What fails here heals by itself: the visibility timeout runs. */
async function settle(record: SQSRecord, handled: Handled, deps: ConsumeDeps): Promise<boolean> {
  switch (handled.kind) {
    case "done":
      return true;
    case "again":
      await deps.queue.changeVisibility(record.receiptHandle, handled.delaySeconds).catch(() => undefined);
      return false;
    case "dead":
      return bury(record, handled.reason, deps);
  }
}

/** The group goes along: after a redrive the queue is as fair as before. */
async function bury(record: SQSRecord, reason: string, deps: ConsumeDeps): Promise<boolean> {
  const startedMs = deps.now();
  const groupId = record.attributes.MessageGroupId;
  const attributes = deadLetterAttributes(deps.stage, reason);
  try {
    await deps.deadLetters.send([
      { body: record.body, attributes, ...(groupId === undefined ? {} : { groupId }) },
    ]);
    return true;
  } catch (error) {
    const unburied = `not buried (${reason}): ${describeError(error)}`;
    logFailure(record, { outcome: "again", reason: unburied, durationMs: deps.now() - startedMs }, deps);
    return false;
  }
}

interface Failure {
  readonly outcome: "again" | "dead";
  readonly reason: string;
  readonly durationMs: number;
}

const logFailure = (record: SQSRecord, { reason, ...failure }: Failure, { stage, log, now }: ConsumeDeps) =>
  log({
    at: new Date(now()).toISOString(),
    stage,
    id: messageIdIn(record.body),
    ...failure,
    detail: { reason, receiveCount: receiveCountOf(record), queueMessageId: record.messageId },
  });

const receiveCountOf = ({ attributes }: SQSRecord) => Number(attributes.ApproximateReceiveCount);
