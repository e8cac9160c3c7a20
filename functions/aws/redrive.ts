import type { Clock, Queue } from "../mail/ports.ts";

/** Long enough to send a batch back; where this process dies first, the letters come again. */
const visibilityTimeoutSeconds = 60;

/**
 * Puts the dead letters that are there now back into their stage's queue, body and group as they were; gives how many. A
 * crash in between sends a letter twice, and never loses one. What dies again meanwhile stays dead.
 */
export async function redrive(deadLetters: Queue, queue: Queue, now: Clock): Promise<number> {
  const startedMs = now();
  let count = 0;
  for (;;) {
    // A wait makes SQS ask all of its servers: without one an empty answer means little.
    const received = await deadLetters.receive({ max: 10, waitSeconds: 1, visibilityTimeoutSeconds });
    const letters = received.filter(({ sentAtMs }) => sentAtMs <= startedMs);
    if (letters.length === 0) return count;
    await queue.send(
      letters.map(({ body, groupId }) => ({ body, ...(groupId === null ? {} : { groupId }) })),
    );
    await deadLetters.delete(letters.map(({ receiptHandle }) => receiptHandle));
    count += letters.length;
  }
}
