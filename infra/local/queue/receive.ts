import type { IncomingMessage, ReceiveOptions } from "../../../functions/mail/ports.ts";
import type { Messages, Waiting } from "./messages.ts";
import type { QueueDeps, Redrive } from "./queue.ts";
import { toReceiptHandle } from "./receipt.ts";
import { judgeTurn, type Turn } from "./turns.ts";

export interface Taken {
  readonly received: readonly IncomingMessage[];
  /** Before then no other message becomes visible by itself. */
  readonly nextVisibleAtMs: number;
}

/** Bounds the work of one receive where very many messages must move to the dead letters. */
const stepsMax = 100;
