/** Calls `run` once after that long; returns what calls it off. */
export type After = (delayMs: number, run: () => void) => () => void;

/** Wakes those who wait for something to happen. */
export interface Bell {
  /** Counts up with each ring: who looked before it must look again. */
  readonly rings: number;
  /** Wakes the one that has waited for longest. */
  ring(): void;
  ringForAll(): void;
  /** Resolves at a ring after so many, after that long, or when the signal aborts. */
  wait(rings: number, delayMs: number, signal: AbortSignal | undefined): Promise<void>;
}

export function createBell(after: After): Bell {
  const waiting = new Set<() => void>();
  let rings = 0;
  return {
    get rings() {
      return rings;
    },
    ring: () => {
      rings += 1;
      const [wake] = waiting;
      wake?.();
    },
    ringForAll: () => {
      rings += 1;
      for (const wake of [...waiting]) wake();
    },
    wait: async (since, delayMs, signal) =>
      new Promise((resolve) => {
        if (rings !== since) return resolve();
        const wake = () => {
          waiting.delete(wake);
          callOff();
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const callOff = after(delayMs, wake);
        waiting.add(wake);
        signal?.addEventListener("abort", wake);
      }),
  };
}
