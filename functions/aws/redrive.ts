import type { Queue } from "../mail/ports.ts";

/** Long enough to send a batch back; where this process dies first, the letters come again. */
const visibilityTimeoutSeconds = 60;

export interface RedriveOptions {
  /** All where it is left out. */
  readonly max?: number | undefined;
  /** Only what was dead by then: what dies again meanwhile stays dead. */
  readonly untilMs: number;
}

const batchMax = 10;

/**
 * Puts dead letters back into their stage's queue, body and group as they were; gives how many. A crash in between sends
 * a letter twice, and never loses one.
 */
export async function redrive(
  deadLetters: Queue,
  queue: Queue,
  { max: limit = Number.POSITIVE_INFINITY, untilMs }: RedriveOptions,
): Promise<number> {
  let count = 0;
  while (count < limit) {
    const max = Math.min(batchMax, limit - count);
    // A wait makes SQS ask all of its servers: without one an empty answer means little.
    const received = await deadLetters.receive({ max, waitSeconds: 1, visibilityTimeoutSeconds });
    const letters = received.filter(({ sentAtMs }) => sentAtMs <= untilMs);
    if (letters.length === 0) break;
    await queue.send(
      letters.map(({ body, groupId }) => ({ body, ...(groupId === null ? {} : { groupId }) })),
    );
    await deadLetters.delete(letters.map(({ receiptHandle }) => receiptHandle));
    count += letters.length;
  }
  return count;
}
