/** The rows of the index. Writes must run in a transaction. */
import * as z from "zod";
import type { StageEvent } from "../../../functions/mail/stage-event.ts";
import { stageNames } from "../../../functions/mail/stage-event.ts";
import type { TranscriptLine as Line } from "../../../functions/smtp/transcript.ts";
import type { Database } from "../database.ts";
import { Entry } from "./entry.ts";

/** An event as it comes back from a file or a table. */
export const LoggedEvent = z.object({
  at: z.iso.datetime(),
  stage: z.enum(stageNames),
  id: z.string().nullable(),
  outcome: z.string(),
  durationMs: z.number(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
}) satisfies z.ZodType<StageEvent>;

/** A line of what client and server said to each other, as it comes back. */
export const TranscriptLine = z.object({
  at: z.iso.datetime(),
  /** Null for what neither of them said, such as that TLS began. */
  by: z.enum(["client", "server"]).nullable(),
  text: z.string(),
  /** It came before the reply to what came before it had left. */
  isPipelined: z.boolean(),
}) satisfies z.ZodType<Line>;
export type TranscriptLine = z.infer<typeof TranscriptLine>;

/** An entry with its place in the list; newer ones have higher numbers. */
export const NumberedEntry = Entry.extend({ seq: z.number() });
export type NumberedEntry = z.infer<typeof NumberedEntry>;

const SummaryRow = z.object({ seq: z.number(), json: z.string() });
const JsonRow = z.object({ json: z.string() });

export const readNumbered = (row: unknown): NumberedEntry => {
  const { seq, json } = SummaryRow.parse(row);
  return { seq, ...Entry.parse(JSON.parse(json)) };
};

export function createTables(database: Database) {
  const find = database.prepare(
    "select seq, json from entries join summaries using (seq) where id = ? and id <> ''",
  );
  const at = database.prepare("select seq, json from summaries where seq = ?");
  const insert = database.prepare(`
    insert into entries (id, at, state, sender, recipients, subject, routes, endpoints, verdicts, is_verified, has_attachment,
      is_replayed)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const update = database.prepare(`
    update entries set id = ?, at = ?, state = ?, sender = ?, recipients = ?, subject = ?, routes = ?, endpoints = ?,
      verdicts = ?, is_verified = ?, has_attachment = ?, is_replayed = ? where seq = ?`);
  const summarise = database.prepare("insert or replace into summaries (seq, json) values (?, ?)");
  const addEvent = database.prepare("insert into events (seq, endpoint, json) values (?, ?, ?)");
  const events = database.prepare("select json from events where seq = ? order by number");
  const addTranscript = database.prepare("insert or replace into transcripts (seq, json) values (?, ?)");
  const transcript = database.prepare("select json from transcripts where seq = ?");
  const attempts = database.prepare(
    "select json from events where endpoint = ? order by number desc limit ?",
  );
  return {
    find: (id: string) => {
      const row = find.get(id);
      return row === undefined ? null : readNumbered(row);
    },
    at: (seq: number) => {
      const row = at.get(seq);
      return row === undefined ? null : readNumbered(row);
    },
    /** Gives its number. */
    insert: (entry: Entry): number => Number(insert.run(...toRow(entry)).lastInsertRowid),
    update: ({ seq, ...entry }: NumberedEntry) => {
      update.run(...toRow(entry), seq);
      summarise.run(seq, JSON.stringify(entry));
    },
    addEvent: (seq: number, event: StageEvent) => {
      const endpoint = event.stage === "deliver" ? event.detail["endpoint"] : null;
      addEvent.run(seq, typeof endpoint === "string" ? endpoint : null, JSON.stringify(event));
    },
    addTranscript: (seq: number, lines: readonly Line[]) => {
      addTranscript.run(seq, JSON.stringify(lines));
    },
    /** Null where none was kept. */
    transcript: (seq: number): TranscriptLine[] | null => {
      const row = transcript.get(seq);
      return row === undefined ? null : z.array(TranscriptLine).parse(JSON.parse(JsonRow.parse(row).json));
    },
    /** In the order in which the stages began: one may be done before the one before it has said so. */
    events: (seq: number) => events.all(seq).map(readEvent).toSorted(byBeginning),
    /** The newest attempts to deliver to an endpoint, newest first. */
    attempts: (endpoint: string, max: number) => attempts.all(endpoint, max).map(readEvent),
  };
}

const readEvent = (row: unknown): StageEvent => LoggedEvent.parse(JSON.parse(JsonRow.parse(row).json));

const byBeginning = (a: StageEvent, b: StageEvent) =>
  beganMs(a) - beganMs(b) || stageNames.indexOf(a.stage) - stageNames.indexOf(b.stage);

const beganMs = ({ at, durationMs }: StageEvent) => Date.parse(at) - durationMs;

function toRow(entry: Entry) {
  const { id, at, state, mailFrom, from, to, subject, routes, deliveries, verdict, attachments } = entry;
  return [
    id ?? "",
    Date.parse(at),
    state,
    `${mailFrom ?? "<>"} ${from ?? ""}`.toLowerCase(),
    to.toLowerCase(),
    (subject ?? "").toLowerCase(),
    spaced(routes),
    spaced(deliveries.map(({ endpoint }) => endpoint)),
    spaced(verdict === null ? [] : verdictWords(verdict)),
    verdict?.senderVerified === true ? 1 : 0,
    attachments > 0 ? 1 : 0,
    deliveries.some(({ isReplay, attempts }) => isReplay && attempts > 0) ? 1 : 0,
  ];
}

/** Each word with a space on either side. */
const spaced = (words: readonly string[]) => ` ${words.join(" ")} `;

/** `spf=pass dkim=fail dkim=pass …`; DKIM has a result and a domain for each signature. */
function verdictWords({ spf, dkim, dmarc, arc }: NonNullable<Entry["verdict"]>): string[] {
  const signatures = dkim.split(", ").map((signature) => `dkim=${signature.split(" ")[0]}`);
  return [`spf=${spf}`, ...signatures, `dmarc=${dmarc}`, `arc=${arc}`];
}
