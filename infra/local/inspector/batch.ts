export interface Batch<Item> {
  add(item: Item): void;
  /** Takes what waits at once; a throw leaves it waiting. */
  flush(): void;
}

const flushAfterMs = 100;
const retryAfterMs = 5_000;

/** Gathers what comes within a moment, so that many share one write and nobody waits for it. */
export function createBatch<Item>(take: (items: readonly Item[]) => void): Batch<Item> {
  let waiting: Item[] = [];
  let timer: NodeJS.Timeout | null = null;
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    try {
      take(items);
    } catch (error) {
      waiting = [...items, ...waiting];
      throw error;
    }
  };
  const flushLater = (delayMs: number) => {
    timer ??= setTimeout(() => {
      try {
        flush();
      } catch {
        // A full disk refuses mail; it must not end the program.
        flushLater(retryAfterMs);
      }
    }, delayMs).unref();
  };
  return {
    add: (item) => {
      waiting.push(item);
      flushLater(flushAfterMs);
    },
    flush,
  };
}
