import { setTimeout as delay } from "node:timers/promises";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { backoffSeconds, type SqsHandler } from "../../functions/aws/consume.ts";
import type { IncomingMessage, Queue } from "../../functions/mail/ports.ts";
import type { PipelineStage } from "../pipeline.ts";

export interface Pump {
  /** Takes nothing new, and resolves when the batches under way are settled. */
  stop(): Promise<void>;
}

const longPollSeconds = 20;

export interface PumpOptions {
  readonly queue: Queue;
  /** Batches under way at once. */
  readonly pollers: number;
  readonly onError: (error: unknown) => void;
  readonly pauseAfterErrorMs?: number;
}

/** What a Lambda event source does for a stage: polls its queue and calls its handler with SQS events. */
export function startPump(
  stage: PipelineStage,
  handler: SqsHandler,
  { queue, pollers, onError, pauseAfterErrorMs = 1000 }: PumpOptions,
): Pump {
  const stopping = new AbortController();
  const poll = async () => {
    while (!stopping.signal.aborted) {
      try {
        await pumpOnce(stage, handler, queue, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        onError(error);
        await delay(pauseAfterErrorMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  const running = Array.from({ length: pollers }, poll);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** One batch: what the handler did not report as failed is deleted (`ReportBatchItemFailures`). */
async function pumpOnce(
  { stage, batchSize, visibilityTimeoutSeconds, isFair }: PipelineStage,
  handler: SqsHandler,
  queue: Queue,
  signal: AbortSignal,
): Promise<void> {
  const messages = await queue.receive({
    // A batch ends with its slowest message: where each is for a receiver of its own, each is a batch of its own.
    max: isFair ? 1 : batchSize,
    waitSeconds: longPollSeconds,
    visibilityTimeoutSeconds,
    signal,
  });
  if (messages.length === 0) return;
  try {
    const { batchItemFailures } = await handler(createSqsEvent(stage, messages));
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    await queue.delete(
      messages.filter(({ messageId }) => !failed.has(messageId)).map((m) => m.receiptHandle),
    );
  } catch (error) {
    await Promise.all(
      messages.map((m) =>
        queue.changeVisibility(m.receiptHandle, backoffSeconds(m.receiveCount)).catch(() => undefined),
      ),
    );
    throw error;
  }
}

/** The event as a Lambda gets it from an SQS event source. */
export function createSqsEvent(stage: string, messages: readonly IncomingMessage[]): SQSEvent {
  return { Records: messages.map((message) => createSqsRecord(stage, message)) };
}

function createSqsRecord(stage: string, message: IncomingMessage): SQSRecord {
  const sentAt = String(message.sentAtMs);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: sentAt,
      SenderId: "local",
      ApproximateFirstReceiveTimestamp: sentAt,
      ...(message.groupId === null ? {} : { MessageGroupId: message.groupId }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, stringValue]) => [
        name,
        { stringValue, dataType: "String" },
      ]),
    ),
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:local:000000000000:${stage}`,
    awsRegion: "local",
  };
}
