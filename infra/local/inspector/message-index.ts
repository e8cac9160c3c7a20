/** The index of messages: the sum of the stages' events, written in batches, away from the path of the mail. */
import * as z from "zod";
import type { StageEvent } from "../../../functions/mail/stage-event.ts";
import type { KeepTranscript } from "../../../functions/smtp/transcript.ts";
import type { Database, Value } from "../database.ts";
import { createBatch } from "./batch.ts";
import { State } from "./entry.ts";
import { fold } from "./fold.ts";
import { createTables, type NumberedEntry, readNumbered, type TranscriptLine } from "./index-tables.ts";
import { type Term, toCondition } from "./search.ts";

export interface MessageIndex {
  /** Takes one event; it is in the index at the next read, and durable soon. */
  add(event: StageEvent): void;
  /** Keeps what was said until the event comes, and then with it. */
  keepTranscript: KeepTranscript;
  /** Runs the write with the next batch. */
  later(write: () => void): void;
  /** The events that were added are all in the log up to here. */
  mark(positionBytes: number): void;
  /** Where in the log the next event begins that the index may not have. */
  position(): number;
  /** Newest first. */
  list(terms: readonly Term[], page: Page): readonly NumberedEntry[];
  /** By its id or, as the refused ones have none, by its number. */
  find(idOrNumber: string): NumberedEntry | null;
  events(seq: number): readonly StageEvent[];
  /** Null where none was kept. */
  transcript(seq: number): TranscriptLine[] | null;
  attempts(endpoint: string, max: number): readonly StageEvent[];
  counts(): Readonly<Record<State, number>>;
  remove(seqs: readonly number[]): void;
  /** Tells of what changed, a batch at a time; gives what ends that. */
  subscribe(listener: (changed: readonly NumberedEntry[]) => void): () => void;
  flush(): void;
}

export interface Page {
  /** Entries below this number. */
  readonly before: number | null;
  /** Entries that came then or later. */
  readonly sinceMs: number | null;
  readonly max: number;
}

/** Older entries go; their messages stay in the store. */
export const indexEntriesMax = 200_000;

const pruneEvery = 1_000;

export function createMessageIndex(database: Database, entriesMax = indexEntriesMax): MessageIndex {
  const tables = createTables(database);
  const queries = createQueries(database);
  const listeners = new Set<(changed: readonly NumberedEntry[]) => void>();
  const transcripts: Transcripts = new WeakMap();
  let lastPruned = 0;
  const batch = createBatch<StageEvent | (() => void)>((items) => {
    const changed = database.write(() => {
      for (const item of items) if (typeof item === "function") item();
      const events = items.filter((item) => typeof item !== "function");
      return takeAll(events, { tables, transcripts });
    });
    const newest = changed.at(-1)?.seq ?? 0;
    if (newest >= lastPruned + pruneEvery) {
      lastPruned = newest;
      database.write(() => queries.prune(newest - entriesMax));
    }
    if (changed.length > 0) for (const listener of [...listeners]) listener(changed);
  });
  const fresh = <Result>(read: () => Result) => {
    batch.flush();
    return read();
  };
  return {
    add: batch.add,
    keepTranscript: (event, lines) => void transcripts.set(event, lines),
    later: batch.add,
    mark: (positionBytes) => batch.add(() => queries.mark(positionBytes)),
    position: queries.position,
    list: (terms, page) => fresh(() => queries.list(terms, page)),
    find: (id) => fresh(() => (/^\d{1,15}$/.test(id) ? tables.at(Number(id)) : tables.find(id))),
    events: tables.events,
    transcript: tables.transcript,
    attempts: (endpoint, max) => fresh(() => tables.attempts(endpoint, max)),
    counts: () => fresh(queries.counts),
    remove: (seqs) => fresh(() => database.write(() => void seqs.map(queries.remove))),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush: batch.flush,
  };
}

type Transcripts = WeakMap<StageEvent, Parameters<KeepTranscript>[1]>;

interface Into {
  readonly tables: ReturnType<typeof createTables>;
  readonly transcripts: Transcripts;
}

/** Writes the events and the entries that they change, each entry once. */
function takeAll(events: readonly StageEvent[], { tables, transcripts }: Into): readonly NumberedEntry[] {
  const byId = new Map<string, NumberedEntry>();
  const changed = new Map<number, NumberedEntry>();
  for (const event of events) {
    const before = event.id === null ? null : (byId.get(event.id) ?? tables.find(event.id));
    const entry = fold(before, event);
    if (entry === null) continue;
    const numbered = { ...entry, seq: before?.seq ?? tables.insert(entry) };
    if (event.id !== null) byId.set(event.id, numbered);
    changed.set(numbered.seq, numbered);
    tables.addEvent(numbered.seq, event);
    const transcript = transcripts.get(event);
    if (transcript !== undefined) tables.addTranscript(numbered.seq, transcript);
  }
  for (const entry of changed.values()) tables.update(entry);
  return [...changed.values()];
}

/** Reads from the newest entry down and stops when the page is full, wherever in the list it begins. */
export function listStatement(terms: readonly Term[], { before, sinceMs, max }: Page) {
  const condition = toCondition(terms);
  const bounds: readonly (readonly [string, number | null])[] = [
    ["seq < ?", before],
    ["at >= ?", sinceMs],
  ];
  const bounded = bounds.flatMap(([sql, value]) => (value === null ? [] : [{ sql, value }]));
  const where = [condition.sql, ...bounded.map(({ sql }) => sql)].join(" and ");
  const values: Value[] = [...condition.values, ...bounded.map(({ value }) => value), max];
  const sql = `
    select seq, json from summaries where seq in (
      select seq from entries where ${where} order by seq desc limit ?
    ) order by seq desc`;
  return { sql, values };
}

const CountRow = z.object({ state: State, count: z.number() });
const PositionRow = z.object({ bytes: z.number() });

function createQueries(database: Database) {
  const counts = database.prepare("select state, count(*) as count from entries group by state");
  const forget = (which: string) => {
    const verdicts = database.prepare(
      `delete from verdicts where id in (select id from entries where seq ${which} ?)`,
    );
    const entries = database.prepare(`delete from entries where seq ${which} ?`);
    return (seq: number) => {
      verdicts.run(seq);
      entries.run(seq);
    };
  };
  const mark = database.prepare("update position set bytes = ?");
  const position = database.prepare("select bytes from position");
  return {
    list: (terms: readonly Term[], page: Page) => {
      const { sql, values } = listStatement(terms, page);
      return database
        .prepare(sql)
        .all(...values)
        .map(readNumbered);
    },
    counts: () => {
      const rows = counts.all().map((row) => CountRow.parse(row));
      const count = (state: State) => rows.find((row) => row.state === state)?.count ?? 0;
      return {
        underway: count("underway"),
        retrying: count("retrying"),
        delivered: count("delivered"),
        dropped: count("dropped"),
        quarantined: count("quarantined"),
        dead: count("dead"),
        refused: count("refused"),
      };
    },
    remove: forget("="),
    prune: forget("<="),
    mark: (bytes: number) => void mark.run(bytes),
    position: () => PositionRow.parse(position.get()).bytes,
  };
}
