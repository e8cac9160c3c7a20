import type { Timers } from "../../functions/smtp/timers.ts";
import { createFakeClock } from "./fake-clock.ts";

/** Time of a server that passes by hand. */
export function createServerTime() {
  const clock = createFakeClock();
  const everySecond = new Set<() => void>();
  const timers: Timers = {
    after: clock.after,
    every: (_ms, run) => {
      everySecond.add(run);
      return () => everySecond.delete(run);
    },
  };
  return {
    deps: { now: clock.now, timers },
    /** The server looks before and after. */
    pass: (ms: number) => {
      for (const run of [...everySecond]) run();
      clock.pass(ms);
      for (const run of [...everySecond]) run();
    },
  };
}
