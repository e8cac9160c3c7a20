import type { OutgoingMessage } from "../mail/ports.ts";

export const batchLimits = {
  entriesMax: 10,
  /** Bodies and attributes of all entries together: 1 MiB. */
  sizeMaxBytes: 1024 * 1024,
} as const;

/** Cuts messages, in order, into batches that SQS takes. One that is too large by itself stands alone, to be refused. */
export function inBatches(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const batches: OutgoingMessage[][] = [];
  let batch: OutgoingMessage[] = [];
  let sizeBytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    const isFull = batch.length === batchLimits.entriesMax || sizeBytes + size > batchLimits.sizeMaxBytes;
    if (batch.length === 0 || isFull) {
      batch = [];
      batches.push(batch);
      sizeBytes = 0;
    }
    batch.push(message);
    sizeBytes += size;
  }
  return batches;
}

/** As SQS counts: an attribute's name, type and value belong to the message. */
const sizeOf = ({ body, attributes = {} }: OutgoingMessage) =>
  Object.entries(attributes).reduce(
    (size, [name, value]) => size + Buffer.byteLength(`${name}String${value}`),
    Buffer.byteLength(body),
  );
