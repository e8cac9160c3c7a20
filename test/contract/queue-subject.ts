import type { IncomingMessage, Queue, ReceiveOptions } from "../../functions/mail/ports.ts";
import type { Subject } from "./contract.ts";

/** Receives after which a message of {@link QueueUnderTest} moves to its dead letters. */
export const receiveLimit = 2;

export interface QueueUnderTest extends Subject {
  /** Empty; a message received `receiveLimit` times moves to `deadLetters` in place of a further receive. */
  readonly queue: Queue;
  /** Empty. */
  readonly deadLetters: Queue;
  /** Lets that much time go by: of a fake clock where there is one, else of the real one. */
  pass(seconds: number): Promise<void>;
}

export const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

export const receive = async (queue: Queue, options: Partial<ReceiveOptions> = {}) =>
  queue.receive({ max: 10, waitSeconds: 0, visibilityTimeoutSeconds: 30, ...options });

/** Receives until nothing comes. */
export async function drain(queue: Queue, options: Partial<ReceiveOptions> = {}): Promise<IncomingMessage[]> {
  const messages = await receive(queue, options);
  return messages.length === 0 ? [] : [...messages, ...(await drain(queue, options))];
}

export const bodiesOf = (messages: readonly IncomingMessage[]) => messages.map(({ body }) => body).toSorted();
