import { appendFileSync, closeSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { StageEvent } from "../../functions/mail/stage-event.ts";

/** The file is set aside as `events.1.jsonl` when it is larger than this at a start. */
export const eventLogMaxSizeBytes = 64 * 1024 * 1024;

export interface EventLog {
  append(event: StageEvent): void;
  flush(): void;
}

/** Told of events once they are in the file, which then ends at `endBytes`. */
export type OnWritten = (events: readonly StageEvent[], endBytes: number) => void;

/** The record of every decision, a JSON line each, in `events.jsonl`: what became of a message can be looked up. */
export function openEventLog(folder: string, onWritten: OnWritten = () => undefined): EventLog {
  const file = fileIn(folder);
  let sizeBytes = sizeOf(file);
  if (sizeBytes > eventLogMaxSizeBytes) {
    renameSync(file, join(folder, "events.1.jsonl"));
    sizeBytes = 0;
  }
  let waiting: StageEvent[] = [];
  const flush = () => {
    if (waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    const lines = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    appendFileSync(file, lines);
    sizeBytes += lines.length;
    onWritten(events, sizeBytes);
  };
  return {
    append: (event) => {
      // One write for all events of a turn.
      if (waiting.push(event) === 1) setImmediate(flush);
    },
    flush,
  };
}

/** The lines from a position on, where they are no more than so many bytes, else the last of them. */
export function readEventLines(
  folder: string,
  fromBytes: number,
  maxBytes: number,
): { readonly lines: readonly string[]; readonly endBytes: number } {
  const file = fileIn(folder);
  const sizeBytes = sizeOf(file);
  // The file is shorter than it was: it has been set aside since.
  const wanted = fromBytes > sizeBytes ? 0 : fromBytes;
  const start = Math.max(wanted, sizeBytes - maxBytes);
  if (start >= sizeBytes) return { lines: [], endBytes: sizeBytes };
  const bytes = Buffer.alloc(sizeBytes - start);
  const descriptor = openSync(file, "r");
  const readBytes = readSync(descriptor, bytes, 0, bytes.length, start);
  closeSync(descriptor);
  const lines = bytes.subarray(0, readBytes).toString().split("\n");
  // Where it begins in the midst of a line, that one is no event.
  return { lines: lines.slice(start === wanted ? 0 : 1, -1), endBytes: sizeBytes };
}

const fileIn = (folder: string) => join(folder, "events.jsonl");

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
