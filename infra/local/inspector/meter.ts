/** Rate and latency by the minute, since the start; what the small charts show. */

import { createdAtMs } from "../../../functions/mail/id.ts";
import type { Clock } from "../../../functions/mail/ports.ts";
import type { StageEvent } from "../../../functions/mail/stage-event.ts";

export interface Minute {
  /** ISO 8601. */
  readonly at: string;
  readonly accepted: number;
  readonly refused: number;
  readonly delivered: number;
  /** From 250 to the webhook's 2xx, the slowest 5 percent left out; null where nothing was delivered. */
  readonly latencyP95Ms: number | null;
}

export interface Meter {
  add(event: StageEvent): void;
  /** Oldest first, the present minute last; minutes without anything included. */
  minutes(): readonly Minute[];
}

export const meterMinutes = 60;
/** Latencies kept of a minute; where there are more, the last ones tell for all. */
export const latenciesMax = 1_000;

interface Counts {
  accepted: number;
  refused: number;
  delivered: number;
  latenciesMs: number[];
}

const minuteMs = 60_000;

export function createMeter(now: Clock): Meter {
  const minutes = new Map<number, Counts>();
  const minuteOf = (atMs: number) => Math.floor(atMs / minuteMs);
  const countsNow = (): Counts => {
    const minute = minuteOf(now());
    const known = minutes.get(minute);
    if (known !== undefined) return known;
    for (const old of minutes.keys()) if (old <= minute - meterMinutes) minutes.delete(old);
    const counts = { accepted: 0, refused: 0, delivered: 0, latenciesMs: [] };
    minutes.set(minute, counts);
    return counts;
  };
  return {
    add: ({ id, stage, outcome, at }) => {
      if (stage === "smtp" && outcome === "accepted") countsNow().accepted += 1;
      if (stage === "smtp" && outcome === "refused") countsNow().refused += 1;
      if (stage !== "deliver" || outcome !== "delivered") return;
      const counts = countsNow();
      counts.latenciesMs[counts.delivered % latenciesMax] = Date.parse(at) - createdAtMs(id ?? "");
      counts.delivered += 1;
    },
    minutes: () => {
      const last = minuteOf(now());
      return Array.from({ length: meterMinutes }, (_, n) => {
        const minute = last - meterMinutes + 1 + n;
        const { accepted = 0, refused = 0, delivered = 0, latenciesMs = [] } = minutes.get(minute) ?? {};
        const at = new Date(minute * minuteMs).toISOString();
        return { at, accepted, refused, delivered, latencyP95Ms: percentile95(latenciesMs) };
      });
    },
  };
}

function percentile95(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}
