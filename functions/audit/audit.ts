import * as z from "zod";
import type { Clock } from "../mail/ports.ts";

const hourMs = 60 * 60 * 1000;

/** Mail of which nothing was said for an hour, looked for over as long as it takes to look twice. */
const [silentMs, windowMs] = [hourMs, 3 * hourMs];

/** The words after which the next stage must say something: it has the mail, or it is in its queue. */
const goingOn = ["accepted", "parsed", "unparsed", "validated", "routed"];

export interface AuditDeps {
  readonly ask: (question: {
    readonly query: string;
    readonly fromMs: number;
    readonly toMs: number;
  }) => Promise<readonly Readonly<Record<string, string>>[]>;
  readonly now: Clock;
}

const Count = z.object({ unaccounted: z.coerce.number().int().nonnegative() });

/**
 * Counts the mail that was answered with 250 and is neither settled nor said to be tried again. Queues lose nothing, so
 * there is none; this proves it from what every stage says.
 */
export async function audit({ ask, now }: AuditDeps): Promise<number> {
  const toMs = now();
  const rows = await ask({ query: queryOf(toMs - silentMs), fromMs: toMs - windowMs, toMs });
  return rows.length === 0 ? 0 : Count.parse(rows[0]).unaccounted;
}

/** What is answered 451 is the client's, though it has an id. */
export const ofAcceptedMail = 'filter ispresent(id) and not (Stage = "smtp" and Outcome = "again")';

export const queryOf = (silentSinceMs: number) =>
  [
    ofAcceptedMail,
    "fields toMillis(@timestamp) as atMs",
    "stats max(atMs) as lastMs, latest(Outcome) as outcome by id",
    `filter outcome in ${JSON.stringify(goingOn)} and lastMs < ${silentSinceMs}`,
    "stats count(*) as unaccounted",
  ].join("\n| ");
