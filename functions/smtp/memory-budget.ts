/** A message that takes memory until it is stored. */
export interface Holder {
  /** There is room again: go on reading. */
  proceed(): void;
}

/**
 * Counts the octets that all connections hold together. At the limit every message waits but the oldest, so that
 * one is always finished and there is room again: a hundred half-read messages cannot lock each other out.
 */
export class MemoryBudget {
  readonly #maxBytes: number;
  #usedBytes = 0;
  /** Oldest first. */
  readonly #holders = new Map<Holder, number>();
  readonly #waiting = new Set<Holder>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get isFull(): boolean {
    return this.#usedBytes >= this.#maxBytes;
  }

  /** Notes that the holder has this many more; false when it must wait. */
  take(holder: Holder, bytes: number): boolean {
    this.#usedBytes += bytes;
    this.#holders.set(holder, (this.#holders.get(holder) ?? 0) + bytes);
    if (!this.isFull || this.#isOldest(holder)) return true;
    this.#waiting.add(holder);
    return false;
  }

  /** The holder is done, and so is its memory. */
  release(holder: Holder): void {
    this.#usedBytes -= this.#holders.get(holder) ?? 0;
    this.#holders.delete(holder);
    this.#waiting.delete(holder);
    for (const other of this.#waiting) {
      if (this.isFull && !this.#isOldest(other)) continue;
      this.#waiting.delete(other);
      other.proceed();
    }
  }

  #isOldest(holder: Holder): boolean {
    return this.#holders.keys().next().value === holder;
  }
}
