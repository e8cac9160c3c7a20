import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { openDatabase } from "../../../infra/local/database.ts";
import { openEventLog } from "../../../infra/local/event-log.ts";
import type { Entry } from "../../../infra/local/inspector/entry.ts";
import { indexSchema } from "../../../infra/local/inspector/index-schema.ts";
import { createMessageIndex } from "../../../infra/local/inspector/message-index.ts";
import { openIndex } from "../../../infra/local/inspector/open-index.ts";
import { parseQuery, type Term } from "../../../infra/local/inspector/search.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { events, idOf, receivedAt } from "./events.ts";

function open(context: TestContext, entriesMax?: number) {
  const database = openDatabase(join(temporaryFolder(context), "index.db"), [indexSchema]);
  context.after(database.close);
  return createMessageIndex(database, entriesMax);
}

const all = { before: null, sinceMs: null, max: 1000 };
const termsOf = (text: string) => {
  const query = parseQuery(text);
  assert.equal(query.kind, "query");
  return query.kind === "query" ? query.terms : [];
};

test("the newest comes first, and a page ends where the next begins", (context) => {
  const index = open(context);
  for (let n = 1; n <= 5; n += 1) index.add(events.accepted(idOf(n)));
  const first = index.list([], { ...all, max: 2 });
  assert.deepEqual(
    first.map(({ id }) => id),
    [idOf(5), idOf(4)],
  );
  const second = index.list([], { before: first[1]?.seq ?? 0, sinceMs: null, max: 9 });
  assert.deepEqual(
    second.map(({ id }) => id),
    [idOf(3), idOf(2), idOf(1)],
  );
  const sinceMs = Date.parse(receivedAt);
  assert.equal(index.list([], { ...all, sinceMs }).length, 5);
  assert.equal(index.list([], { ...all, sinceMs: sinceMs + 1 }).length, 0);
});

test("those who listen hear of each entry once a batch, as it is in the end", (context) => {
  const index = open(context);
  const heard: unknown[] = [];
  const end = index.subscribe((changed) => heard.push(changed.map(({ id, state }) => [id, state])));
  for (const event of [events.accepted, events.parsed, events.validated, events.routed])
    index.add(event(idOf(1)));
  index.add(events.attempt(idOf(1), "delivered"));
  index.add(events.refused("550 No"));
  index.flush();
  end();
  index.add(events.accepted(idOf(2)));
  index.flush();
  assert.deepEqual(heard, [
    [
      [idOf(1), "delivered"],
      [null, "refused"],
    ],
  ]);
});

test("the events of an entry are its timeline", (context) => {
  const index = open(context);
  const own = [events.accepted(idOf(1)), events.parsed(idOf(1))];
  index.add(events.accepted(idOf(2)));
  for (const event of own) index.add(event);
  assert.deepEqual(index.events(index.find(idOf(1))?.seq ?? 0), own);
});

test("the timeline is in the order in which the stages began, whichever was heard first", (context) => {
  const index = open(context);
  const at = (ms: number) => new Date(Date.parse(receivedAt) + ms).toISOString();
  const [slow, quick] = [
    { ...events.accepted(idOf(1)), at: at(50), durationMs: 50 },
    { ...events.parsed(idOf(1)), at: at(40), durationMs: 10 },
  ];
  for (const event of [quick, slow]) index.add(event);
  assert.deepEqual(index.events(index.find(idOf(1))?.seq ?? 0), [slow, quick]);
});

test("the oldest entries go, a thousand at a time", (context) => {
  const index = open(context, 10);
  for (let n = 1; n <= 1000; n += 1) index.add(events.accepted(idOf(n)));
  assert.equal(index.list([], all).length, 10);
  assert.equal(index.find(idOf(990)), null);
  assert.equal(index.find(idOf(991))?.id, idOf(991));
});

test("what is removed is gone, and the counts know it", (context) => {
  const index = open(context);
  index.add(events.accepted(idOf(1)));
  index.add(events.refused("550 No"));
  assert.equal(index.counts().underway, 1);
  index.remove([index.find(idOf(1))?.seq ?? 0]);
  assert.equal(index.find(idOf(1)), null);
  assert.deepEqual([index.counts().underway, index.counts().refused], [0, 1]);
});

test("a start reads from the log what the index does not have, once", (context) => {
  const folder = temporaryFolder(context);
  const log = openEventLog(folder);
  log.append(events.accepted(idOf(1)));
  log.flush();
  const first = openIndex(folder);
  const logged = openEventLog(folder, first.onWritten);
  logged.append(events.parsed(idOf(1)));
  logged.flush();
  first.close();
  const unseen = openEventLog(folder);
  unseen.append(events.accepted(idOf(2)));
  unseen.flush();
  const second = openIndex(folder);
  context.after(second.close);
  assert.equal(second.index.list([], all).length, 2);
  assert.equal(second.index.events(second.index.find(idOf(1))?.seq ?? 0).length, 2);
});

test("an index with another schema makes way", (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "index-other.db"), "what an earlier version wrote");
  openIndex(folder).close();
  assert.equal(readdirSync(folder).includes("index-other.db"), false);
});

/** The query language, slowly: over the entry itself. */
function matches({ field, value, isNegated }: Term, entry: Entry): boolean {
  return isNegated !== holds(field, value, entry);
}

function holds(field: Term["field"], value: string, entry: Entry): boolean {
  const sender = `${entry.mailFrom ?? "<>"} ${entry.from ?? ""}`;
  const has = (text: string | null) => (text ?? "").toLowerCase().includes(value);
  switch (field) {
    case null:
      return has(sender) || has(entry.to) || has(entry.subject) || has(entry.id);
    case "from":
      return has(sender);
    case "to":
      return has(entry.to);
    case "subject":
      return has(entry.subject);
    case "id":
      return has(entry.id);
    case "route":
      return entry.routes.includes(value);
    case "endpoint":
      return entry.deliveries.some(({ endpoint }) => endpoint === value);
    case "has":
      return entry.attachments > 0;
    case "is":
      if (value === "replayed") return entry.deliveries.some(({ isReplay }) => isReplay);
      if (value === "failed") return entry.state === "dead" || entry.state === "retrying";
      return value === "verified" ? entry.verdict?.senderVerified === true : entry.state === value;
    case "dkim":
      return (entry.verdict?.dkim ?? "").split(", ").some((one) => one.split(" ")[0] === value);
    default:
      return entry.verdict?.[field] === value;
  }
}

const oneOf = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
const word = oneOf("ann", "bob", "50%", "a_b", "Ünder", "x y", "'", '"');

test("a search finds what a slow look at each entry finds", (context) => {
  const index = open(context);
  const mail = fc.record({
    from: word,
    subject: word,
    attachments: fc.nat(2),
    dmarc: oneOf("pass", "fail"),
    dkim: oneOf("none", "pass a.org", "fail a.org, pass b.org"),
    route: oneOf("rest", "rest-of-it"),
    outcome: oneOf("delivered", "retry", "dead"),
    steps: fc.integer({ min: 1, max: 5 }),
  });
  const entries = fc.sample(mail, { numRuns: 40, seed: 7 });
  entries.forEach(({ from, subject, attachments, dmarc, dkim, route, outcome, steps }, n) => {
    const id = idOf(n);
    const told = [
      events.accepted(id, { detail: { from } }),
      events.parsed(id, { subject, attachments }),
      events.validated(id, { dmarc, dkim, senderVerified: dmarc === "pass" }),
      events.routed(id, { route }),
      events.attempt(id, outcome),
    ];
    for (const event of told.slice(0, steps)) index.add(event);
  });
  const values = [
    "ann",
    "b",
    "50%",
    "_",
    "ünder",
    " ",
    "'",
    "pass",
    "fail",
    "none",
    "rest",
    "inbox",
    idOf(3),
  ];
  const fields = [
    null,
    "from",
    "to",
    "subject",
    "id",
    "route",
    "endpoint",
    "spf",
    "dkim",
    "dmarc",
    "arc",
  ] as const;
  const state = oneOf("delivered", "failed", "underway", "dead", "verified", "replayed").map((value) => ({
    field: "is" as const,
    value,
  }));
  const free = fc.record({ field: fc.constantFrom(...fields), value: fc.constantFrom(...values) });
  const has = fc.constant({ field: "has" as const, value: "attachment" });
  const term = fc
    .tuple(fc.oneof(free, free, state, has), fc.boolean())
    .map(([one, isNegated]): Term => ({ ...one, isNegated }));
  const whole = index.list([], all);
  fc.assert(
    fc.property(fc.array(term, { maxLength: 3 }), (terms) => {
      const expected = whole.filter((entry) => terms.every((one) => matches(one, entry)));
      assert.deepEqual(index.list(terms, all), expected);
    }),
    { numRuns: 300 },
  );
});

test("a search term is never SQL", (context) => {
  const index = open(context);
  index.add(events.accepted(idOf(1)));
  assert.deepEqual(index.list(termsOf(`"') or true or ('"`), all), []);
});
