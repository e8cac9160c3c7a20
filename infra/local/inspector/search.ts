/** The inspector's query language: words, and `name:value` for a field; `-` before either turns it round. */
import { nearest } from "../../../functions/mail/nearest.ts";
import type { Value } from "../database.ts";
import { states } from "./entry.ts";

export type Field = "from" | "to" | "subject" | "id" | "is" | "has" | "route" | "endpoint" | Mechanism;
const mechanisms = ["spf", "dkim", "dmarc", "arc"] as const;
type Mechanism = (typeof mechanisms)[number];

export interface Term {
  /** Null for a word alone: it may stand in sender, recipients, subject or id. */
  readonly field: Field | null;
  /** In lower case. */
  readonly value: string;
  readonly isNegated: boolean;
}

export type Query =
  | { readonly kind: "query"; readonly terms: readonly Term[] }
  | { readonly kind: "error"; readonly message: string };

export const queryMaxLength = 500;

/** Every field with the values that it takes; null where any text will do. */
const fields: Readonly<Record<Field, readonly string[] | null>> = {
  from: null,
  to: null,
  subject: null,
  id: null,
  route: null,
  endpoint: null,
  is: [...states, "failed", "verified", "replayed"],
  has: ["attachment"],
  spf: null,
  dkim: null,
  dmarc: null,
  arc: null,
};
const fieldNames = Object.keys(fields).filter(isField);

/** Reads a query, or says in one sentence what is wrong with it. */
export function parseQuery(text: string): Query {
  if (text.length > queryMaxLength) return wrong(`a query has at most ${queryMaxLength} characters`);
  const terms: Term[] = [];
  for (const [, minus, name, quoted, plain] of text.matchAll(termPattern)) {
    const value = (quoted ?? plain ?? "").toLowerCase();
    const isNegated = minus === "-";
    if (name === undefined) {
      if (value !== "") terms.push({ field: null, value, isNegated });
      continue;
    }
    const field = name.toLowerCase();
    if (!isField(field)) {
      return wrong(`there is no field ${field}:${suggest(field, fieldNames)}; quotes make it a word`);
    }
    const allowed = fields[field];
    if (allowed !== null && !allowed.includes(value))
      return wrong(`${field}: takes ${allowed.join(", ")}${suggest(value, allowed)}`);
    if (value === "") return wrong(`${field}: needs a value`);
    terms.push({ field, value, isNegated });
  }
  return { kind: "query", terms };
}

/** An optional minus, an optional `name:`, then a quoted or a plain value. */
const termPattern = /(-)?(?:([a-z]+):)?(?:"([^"]*)"?|(\S+|(?<=:)))/gi;

const wrong = (message: string): Query => ({ kind: "error", message });

function suggest(name: string, candidates: readonly string[]): string {
  const near = name === "" ? null : nearest(name, candidates);
  return near === null ? "" : `; did you mean ${near}?`;
}

function isField(name: string): name is Field {
  return Object.hasOwn(fields, name);
}

export interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** The terms as one condition on the table `entries`. */
export function toCondition(terms: readonly Term[]): Condition {
  const conditions = terms.map((term) => {
    const { sql, values } = conditionOf(term);
    return { sql: term.isNegated ? `not (${sql})` : `(${sql})`, values };
  });
  return {
    sql: ["true", ...conditions.map(({ sql }) => sql)].join(" and "),
    values: conditions.flatMap(({ values }) => values),
  };
}

function conditionOf({ field, value }: Term): Condition {
  switch (field) {
    case null:
      return {
        sql: "instr(sender, ?) or instr(recipients, ?) or instr(subject, ?) or instr(id, ?)",
        values: [value, value, value, value],
      };
    case "from":
      return contains("sender", value);
    case "to":
      return contains("recipients", value);
    case "subject":
      return contains("subject", value);
    case "id":
      return contains("id", value);
    // These columns hold words with a space on either side.
    case "route":
      return contains("routes", ` ${value} `);
    case "endpoint":
      return contains("endpoints", ` ${value} `);
    case "has":
      return { sql: "has_attachment", values: [] };
    case "is":
      return stateCondition(value);
    default:
      return contains("verdicts", ` ${field}=${value} `);
  }
}

const contains = (column: string, value: string): Condition => ({
  sql: `instr(${column}, ?)`,
  values: [value],
});

function stateCondition(value: string): Condition {
  if (value === "failed") return { sql: "state in ('dead', 'retrying')", values: [] };
  if (value === "replayed") return { sql: "is_replayed", values: [] };
  if (value === "verified") return { sql: "is_verified", values: [] };
  return { sql: "state = ?", values: [value] };
}
