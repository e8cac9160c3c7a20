import { setImmediate as turn } from "node:timers/promises";
import type { OutgoingMessage, Queue, ReceiveOptions } from "../../../functions/mail/ports.ts";
import { checkMessage, checkRange, queueLimits } from "./limits.ts";
import { readReceipt } from "./receipt.ts";
import { createReceiver, type Giving, type QueueDeps } from "./receive.ts";

export interface EmbeddedQueue extends Queue {
  /** Adds messages in the commit under way. */
  enqueue(messages: readonly OutgoingMessage[]): void;
  /** Ends every long poll, at once and from now on. */
  close(): void;
}

export function createQueue(name: string, giving: Giving, deps: QueueDeps): EmbeddedQueue {
  const { database, messages, now, bell } = deps;
  const take = createReceiver(name, giving, deps);
  let isClosed = false;
  let isHeldBack = false;
  const enqueue = (outgoing: readonly OutgoingMessage[]) => {
    for (const message of outgoing) messages.insert(toNewMessage(name, message, now()), bell(name).ring);
  };
  return {
    name,
    enqueue,
    send: async (outgoing) => {
      for (const message of outgoing) checkMessage(message);
      if (outgoing.length > 0) await database.commit(() => enqueue(outgoing));
    },
    receive: async (options) => {
      checkReceive(options);
      const endsAtMs = now() + options.waitSeconds * 1000;
      const isEnded = () => isClosed || options.signal?.aborted === true;
      while (!isEnded()) {
        const look = () => ({ ...take(options), rings: bell(name).rings });
        const { received, nextVisibleAtMs, rings, ...taken } = await database.join(look);
        isHeldBack = taken.isHeldBack;
        // There may be more than one consumer takes: whoever was woken wakes the next.
        if (received.length > 0) bell(name).ring();
        const nowMs = now();
        if (received.length > 0 || nowMs >= endsAtMs || isEnded()) return received;
        const waitMs = Math.min(endsAtMs, nextVisibleAtMs) - nowMs;
        await (waitMs > 0 ? bell(name).wait(rings, waitMs, options.signal) : turn());
      }
      return [];
    },
    delete: async (receiptHandles) => {
      const receipts = receiptHandles.flatMap((handle) => readReceipt(name, handle) ?? []);
      if (receipts.length > 0) await database.join(() => receipts.forEach(messages.delete));
      if (isHeldBack) bell(name).ring();
    },
    changeVisibility: async (receiptHandle, seconds) => {
      checkRange("visibility timeout", seconds, { min: 0, max: queueLimits.visibilityMaxSeconds });
      const receipt = readReceipt(name, receiptHandle);
      if (receipt === null) return;
      await database.join(() => messages.changeVisibility(receipt, now() + seconds * 1000));
      bell(name).ring();
    },
    depth: async () => messages.depth(name, now()),
    close: () => {
      isClosed = true;
      bell(name).ringForAll();
    },
  };
}

const toNewMessage = (
  queue: string,
  { body, groupId = "", delaySeconds = 0, attributes = {} }: OutgoingMessage,
  nowMs: number,
) => ({ queue, groupId, sentAtMs: nowMs, visibleAtMs: nowMs + delaySeconds * 1000, body, attributes });

function checkReceive({ max, waitSeconds, visibilityTimeoutSeconds }: ReceiveOptions): void {
  checkRange("max", max, { min: 1, max: queueLimits.receiveMax });
  checkRange("wait", waitSeconds, { min: 0, max: queueLimits.waitMaxSeconds });
  checkRange("visibility timeout", visibilityTimeoutSeconds, {
    min: 0,
    max: queueLimits.visibilityMaxSeconds,
  });
}
