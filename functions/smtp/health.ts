/** Whether the front end should be sent clients, for whoever stands before it. */
import { createServer, type Server } from "node:http";
import type { Clock } from "../mail/ports.ts";
import type { StageEvent } from "../mail/stage-event.ts";

export type HealthState = "ready" | "draining" | "store-failing";

export interface Health {
  /** Looks at what the front end logs. */
  note(event: StageEvent): void;
  drain(): void;
  state(): HealthState;
}

/** Messages in a row that could not be stored, none of which was longer ago. */
export const storeFailing = { failuresMin: 3, withinMs: 60_000 } as const;

export function createHealth(now: Clock): Health {
  let isDraining = false;
  let failures = 0;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return {
    note: ({ stage, id, outcome }) => {
      if (stage !== "smtp" || id === null) return;
      failures = outcome === "again" ? failures + 1 : 0;
      if (outcome === "again") failedAtMs = now();
    },
    drain: () => {
      isDraining = true;
    },
    state: () => {
      if (isDraining) return "draining";
      // Where no client comes, nothing could show that the store is well again: then time does.
      const isFailing = failures >= storeFailing.failuresMin && now() - failedAtMs < storeFailing.withinMs;
      return isFailing ? "store-failing" : "ready";
    },
  };
}

/**
 * Answers `GET /live` with 200 as long as the process runs, for whoever would start another in its place, and everything else
 * with 200 or 503, for whoever sends clients. Both name the state.
 */
export function createHealthServer({ state }: Pick<Health, "state">): Server {
  return createServer((request, response) => {
    const now = state();
    const isWell = now === "ready" || request.url === "/live";
    response.writeHead(isWell ? 200 : 503, { "content-type": "application/json", connection: "close" });
    response.end(`${JSON.stringify({ state: now })}\n`);
  });
}
