import type { ServerLimits } from "./limits.ts";

export interface Census {
  /** Counts a client in and gives what counts it out; null where there is no place for it. */
  enter(address: string): (() => void) | null;
}

/** Who is connected: so many in all, and so many from one address. */
export function createCensus({
  connectionsMax,
  connectionsPerAddressMax,
}: Pick<ServerLimits, "connectionsMax" | "connectionsPerAddressMax">): Census {
  const perAddress = new Map<string, number>();
  let total = 0;
  const count = (address: string, change: 1 | -1) => {
    const next = (perAddress.get(address) ?? 0) + change;
    if (next === 0) perAddress.delete(address);
    else perAddress.set(address, next);
    total += change;
  };
  return {
    enter: (address) => {
      const isFull = total >= connectionsMax || (perAddress.get(address) ?? 0) >= connectionsPerAddressMax;
      if (isFull) return null;
      count(address, 1);
      return () => count(address, -1);
    },
  };
}
