import { appendFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { StageEvent } from "../../functions/mail/stage-event.ts";

/** The file is set aside as `events.1.jsonl` when it is larger than this at a start. */
export const eventLogMaxSizeBytes = 64 * 1024 * 1024;

export interface EventLog {
  append(event: StageEvent): void;
  flush(): void;
}

/** The record of every decision, a JSON line each, in `events.jsonl`: what became of a message can be looked up. */
export function openEventLog(folder: string): EventLog {
  const file = join(folder, "events.jsonl");
  const sizeBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes > eventLogMaxSizeBytes) renameSync(file, join(folder, "events.1.jsonl"));
  let waiting: string[] = [];
  const flush = () => {
    if (waiting.length === 0) return;
    const lines = waiting.join("");
    waiting = [];
    appendFileSync(file, lines);
  };
  return {
    append: (event) => {
      // One write for all events of a turn.
      if (waiting.push(`${JSON.stringify(event)}\n`) === 1) setImmediate(flush);
    },
    flush,
  };
}
