import { createHash } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../../../functions/mail/json.ts";
import { openDatabase } from "../database.ts";
import { type OnWritten, readEventLines } from "../event-log.ts";
import { createEvidence, type Evidence } from "./evidence.ts";
import { indexSchema } from "./index-schema.ts";
import { LoggedEvent } from "./index-tables.ts";
import { createMessageIndex, type MessageIndex } from "./message-index.ts";

/** What a start reads of the log at most: 8 MB are some 16,000 events, and a fraction of a second. */
export const catchUpMaxBytes = 8 * 1024 * 1024;

export interface OpenIndex {
  readonly index: MessageIndex;
  readonly evidence: Evidence;
  readonly onWritten: OnWritten;
  close(): void;
}

/**
 * Opens the index, in a file of its own beside the store's, and reads from the event log what a process that died had
 * not written any more. The index is never ahead of the log.
 */
export function openIndex(folder: string): OpenIndex {
  const database = openDatabase(join(folder, freshName(folder)), [indexSchema]);
  const index = createMessageIndex(database);
  const { lines, endBytes } = readEventLines(folder, index.position(), catchUpMaxBytes);
  for (const line of lines) {
    const event = readEvent(line);
    if (event !== null) index.add(event);
  }
  index.mark(endBytes);
  index.flush();
  return {
    index,
    evidence: createEvidence(database, index.later),
    onWritten: (events, bytes) => {
      for (const event of events) index.add(event);
      index.mark(bytes);
    },
    close: () => {
      index.flush();
      database.close();
    },
  };
}

/** The name of the index with this schema; those with another one are deleted. */
function freshName(folder: string): string {
  const name = `index-${createHash("sha256").update(indexSchema).digest("hex").slice(0, 8)}.db`;
  const stale = readdirSync(folder).filter((file) => file.startsWith("index") && !file.startsWith(name));
  for (const file of stale) rmSync(join(folder, file));
  return name;
}

/** Null for a line that a process did not write to its end. */
const readEvent = (line: string) => LoggedEvent.safeParse(parseJson(line)).data ?? null;
