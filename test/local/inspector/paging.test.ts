/** 100,000 messages: counted in what SQLite reads, since a clock would count the machine as well. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Database, openDatabase } from "../../../infra/local/database.ts";
import { fold } from "../../../infra/local/inspector/fold.ts";
import { indexSchema } from "../../../infra/local/inspector/index-schema.ts";
import {
  createMessageIndex,
  listStatement,
  type MessageIndex,
} from "../../../infra/local/inspector/message-index.ts";
import { parseQuery } from "../../../infra/local/inspector/search.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";
import { events, idOf } from "./events.ts";

const total = 100_000;
const pageLength = 50;

const { path: folder, remove } = createTemporaryFolder();
let database: Database;
let index: MessageIndex;
before(() => {
  database = openDatabase(join(folder, "index.db"), [indexSchema]);
  index = createMessageIndex(database);
  const entry = JSON.stringify(fold(null, events.accepted(idOf(0))));
  database.write(() => {
    // One in a thousand is dead.
    database
      .prepare(`
        with recursive n(seq) as (select 1 union all select seq + 1 from n where seq < ?)
        insert into entries select seq, 'id-' || seq, seq, iif(seq % 1000 = 0, 'dead', 'delivered'),
          'ann@example.org', 'help@example.com', 'number ' || seq, ' rest ', ' inbox ', ' spf=pass ', 1, 0, 0 from n`)
      .run(total);
    database
      .prepare("insert into summaries select seq, json_set(?, '$.subject', subject, '$.id', id) from entries")
      .run(entry);
  });
});
after(() => {
  database.close();
  remove();
});

const termsOf = (text: string) => {
  const query = parseQuery(text);
  return query.kind === "query" ? query.terms : assert.fail(query.message);
};

/** How SQLite goes about it, a step a line. */
function planOf(text: string, beforeSeq: number | null): readonly string[] {
  const { sql, values } = listStatement(termsOf(text), { before: beforeSeq, sinceMs: null, max: pageLength });
  return database
    .prepare(`explain query plan ${sql}`)
    .all(...values)
    .map(({ detail }) => String(detail));
}

const downwards = /^(SCAN entries|SEARCH entries USING INTEGER PRIMARY KEY \(rowid<\?\))$/;
const plans: readonly [string, string, number | null, RegExp][] = [
  ["the first page is read from the newest down", "", null, downwards],
  ["a page in the depth is gone to by its number", "", 500, downwards],
  ["a word is looked for from there down", "number", 500, downwards],
  [
    "a state has an index",
    "is:dead",
    500,
    /^SEARCH entries USING (COVERING )?INDEX entries_by_state \(state=\? AND seq<\?\)$/,
  ],
];
for (const [sentence, text, beforeSeq, expected] of plans) {
  test(`${sentence}, and nothing is sorted`, () => {
    const steps = planOf(text, beforeSeq);
    assert.ok(
      steps.some((step) => expected.test(step)),
      steps.join("\n"),
    );
    assert.ok(
      steps.some((step) => step.startsWith("SEARCH summaries USING INTEGER PRIMARY KEY")),
      steps.join("\n"),
    );
    assert.deepEqual(
      steps.filter((step) => step.includes("TEMP B-TREE")),
      [],
    );
  });
}

const depths = [null, total / 2, pageLength + 1] as const;
for (const beforeSeq of depths) {
  test(`the page before ${beforeSeq ?? "none"} is the next ${pageLength}, newest first`, () => {
    const page = index.list([], { before: beforeSeq, sinceMs: null, max: pageLength });
    const first = (beforeSeq ?? total + 1) - 1;
    assert.deepEqual(
      page.map(({ seq, subject }) => [seq, subject]),
      Array.from({ length: pageLength }, (_, n) => [first - n, `number ${first - n}`]),
    );
  });
}

test("a rare state is paged through to its last", () => {
  const seen: number[] = [];
  for (let beforeSeq: number | null = null; ; ) {
    const page = index.list(termsOf("is:dead"), { before: beforeSeq, sinceMs: null, max: 30 });
    seen.push(...page.map(({ seq }) => seq));
    if (page.length < 30) break;
    beforeSeq = page.at(-1)?.seq ?? null;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: total / 1000 }, (_, n) => total - n * 1000),
  );
});
