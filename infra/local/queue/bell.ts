/** Calls `run` once after that long; returns what calls it off. */
export type After = (delayMs: number, run: () => void) => () => void;

/** Wakes those who wait for something to happen. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after that long, or when the signal aborts. */
  wait(delayMs: number, signal: AbortSignal | undefined): Promise<void>;
}

export function createBell(after: After): Bell {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of [...waiting]) wake();
    },
    wait: async (delayMs, signal) =>
      new Promise((resolve) => {
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
