import type { Clock } from "../mail/ports.ts";

/** A token bucket that holds a minute's worth: what was taken out of it, and when that was true. */
export interface Bucket {
  readonly taken: number;
  readonly atMs: number;
}

const minuteMs = 60_000;

/** Of binary fractions that add up. */
const roundingError = 1e-6;

/** The bucket with one token less; null where it has none. */
export function takeToken(bucket: Bucket | undefined, perMinuteMax: number, nowMs: number): Bucket | null {
  const { taken, atMs } = bucket ?? { taken: 0, atMs: nowMs };
  const left = Math.max(0, taken - ((nowMs - atMs) * perMinuteMax) / minuteMs);
  return left + 1 > perMinuteMax + roundingError ? null : { taken: left + 1, atMs: nowMs };
}

export interface Rates {
  /** Counts one more under that name; false where that is more than a minute allows, and then it is not counted. */
  take(name: string, perMinuteMax: number): boolean;
  readonly size: number;
}

/** Buckets by name. A bucket that nobody took from for a minute is full, and forgotten. */
export function createRates(bucketsMax: number, now: Clock): Rates {
  /** Those taken from last come last. */
  const buckets = new Map<string, Bucket>();
  const forget = (nowMs: number) => {
    for (const [name, { atMs }] of buckets) {
      if (nowMs - atMs < minuteMs && buckets.size <= bucketsMax) return;
      buckets.delete(name);
    }
  };
  return {
    take: (name, perMinuteMax) => {
      const nowMs = now();
      const bucket = takeToken(buckets.get(name), perMinuteMax, nowMs);
      if (bucket === null) return false;
      buckets.delete(name);
      buckets.set(name, bucket);
      forget(nowMs);
      return true;
    },
    get size() {
      return buckets.size;
    },
  };
}
