/** The queue in its slowest and most obvious form: one array, searched from end to end. */
interface ModelMessage {
  readonly body: string;
  readonly groupId: string;
  queue: "queue" | "dead";
  visibleAtMs: number;
  receiveCount: number;
  isHeld: boolean;
}

export interface ModelReceipt {
  readonly message: ModelMessage;
  readonly receiveCount: number;
  readonly handle: string;
}

export class QueueModel {
  messages: ModelMessage[] = [];
  receipts: ModelReceipt[] = [];
  nowMs = 0;
  #served: string[] = [];
  #sent = 0;
  readonly #receiveLimit: number;

  constructor(receiveLimit: number) {
    this.#receiveLimit = receiveLimit;
  }

  /** Gives the body, unlike any before. */
  send(groupId: string, delaySeconds: number): string {
    const body = `${groupId} ${this.#sent++}`;
    const visibleAtMs = this.nowMs + delaySeconds * 1000;
    this.messages.push({ body, groupId, queue: "queue", visibleAtMs, receiveCount: 0, isHeld: false });
    return body;
  }

  receive(max: number, visibilityTimeoutSeconds: number): ModelMessage[] {
    const received: ModelMessage[] = [];
    if (this.depth("queue").visible > 0) this.#forget();
    for (;;) {
      const message = received.length < max ? this.#next() : undefined;
      if (message === undefined) return received;
      this.#served = [...this.#served.filter((groupId) => groupId !== message.groupId), message.groupId];
      if (message.receiveCount >= this.#receiveLimit) {
        Object.assign(message, { queue: "dead", visibleAtMs: this.nowMs, receiveCount: 0, isHeld: false });
      } else {
        message.receiveCount++;
        message.isHeld = true;
        message.visibleAtMs = this.nowMs + Math.max(1, visibilityTimeoutSeconds * 1000);
        received.push(message);
      }
    }
  }

  delete(receipt: ModelReceipt): void {
    if (isValid(receipt)) this.messages = this.messages.filter((message) => message !== receipt.message);
  }

  changeVisibility(receipt: ModelReceipt, seconds: number): void {
    if (!isValid(receipt)) return;
    Object.assign(receipt.message, { visibleAtMs: this.nowMs + seconds * 1000, isHeld: false });
  }

  restart(): void {
    for (const message of this.messages.filter(({ isHeld }) => isHeld)) {
      Object.assign(message, { isHeld: false, visibleAtMs: Math.min(message.visibleAtMs, this.nowMs) });
    }
    this.#served = [];
  }

  depth(queue: "queue" | "dead") {
    const all = this.messages.filter((message) => message.queue === queue);
    const hidden = all.filter(({ visibleAtMs }) => visibleAtMs > this.nowMs);
    return {
      visible: all.length - hidden.length,
      inFlight: hidden.filter(({ receiveCount }) => receiveCount > 0).length,
      delayed: hidden.filter(({ receiveCount }) => receiveCount === 0).length,
    };
  }

  /** A group without messages loses its place. */
  #forget(): void {
    const here = this.messages.filter(({ queue }) => queue === "queue").map(({ groupId }) => groupId);
    this.#served = this.#served.filter((groupId) => here.includes(groupId));
  }

  /** Fewest at consumers, then served longest ago, then visible for longest; within a group visible for longest. */
  #next(): ModelMessage | undefined {
    const here = this.messages.filter(({ queue }) => queue === "queue");
    const held = (groupId: string) =>
      here.filter((one) => one.groupId === groupId && one.isHeld && one.visibleAtMs > this.nowMs).length;
    return here
      .filter(({ visibleAtMs }) => visibleAtMs <= this.nowMs)
      .toSorted(
        (one, other) =>
          held(one.groupId) - held(other.groupId) ||
          this.#served.indexOf(one.groupId) - this.#served.indexOf(other.groupId) ||
          one.visibleAtMs - other.visibleAtMs ||
          (one.groupId === other.groupId ? 0 : one.groupId < other.groupId ? -1 : 1),
      )[0];
  }
}

/** A receipt is spent once its message was received again or moved. */
const isValid = ({ message, receiveCount }: ModelReceipt) =>
  message.queue === "queue" && message.receiveCount === receiveCount;
