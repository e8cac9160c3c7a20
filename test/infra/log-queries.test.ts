/** Nothing here runs Logs Insights. These are its documented rules, for the queries that nobody has seen run on AWS. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { queryOf } from "../../functions/audit/audit.ts";
import { widgetsOf } from "./dashboard-widgets.ts";
import { synthesise } from "./synthesised.ts";

const tables = widgetsOf(synthesise()).flatMap(({ properties: { title, query } }) =>
  query === undefined ? [] : [[`the table ${title}`, query] as const],
);

test("the dashboard has six tables", () => assert.equal(tables.length, 6));

const commands = z.enum(["SOURCE", "fields", "filter", "stats", "sort", "limit"]);
const aggregates = ["count", "earliest", "latest", "max", "pct", "sum"] as const;
const functions = z.enum([...aggregates, "coalesce", "ispresent", "substr", "toMillis"]);

for (const [name, query] of [["the audit", queryOf(0)] as const, ...tables]) {
  test(`${name} asks by what Logs Insights documents`, () => {
    for (const line of query.split(/\s*\|\s+/)) commands.parse(line.split(" ")[0]);
    for (const [, called] of query.matchAll(/(\w+)\(/g)) functions.parse(called);
    assert.ok([...query.matchAll(/\| stats /g)].length <= 2);
    assert.doesNotMatch(query, /\| (?:sort|limit) [\s\S]*\| stats /);
    assert.doesNotMatch(query, / in (?!\["[^']+"\])/, "a list is in brackets, its words in double quotes");
    // An aggregate takes a field, and none of another function's making.
    assert.doesNotMatch(query, new RegExp(`(?:${aggregates.join("|")})\\((?!\\*)[^,)]*[(+*/-]`));
  });

  test(`${name} names after its stats what they made`, () => {
    const lines = query.split(/\s*\|\s+/);
    const first = lines.findIndex((line) => line.startsWith("stats"));
    const made = new Set((lines[first] ?? "").match(/\w+(?=,|$| by)/g));
    for (const line of lines.slice(first + 1)) {
      const [field = ""] = /^(?:filter|sort) (\w+)/.exec(line)?.slice(1) ?? [];
      if (first !== -1 && field !== "") assert.ok(made.has(field), `${field} in ${line}`);
    }
  });
}
