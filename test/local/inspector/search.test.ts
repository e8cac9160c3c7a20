import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery, queryMaxLength, type Term } from "../../../infra/local/inspector/search.ts";

const term = (field: Term["field"], value: string, isNegated = false) => ({ field, value, isNegated });

const queries: readonly [string, string, readonly Term[]][] = [
  ["nothing asks for all", "  ", []],
  ["words stand alone", "Hello world", [term(null, "hello"), term(null, "world")]],
  ["quotes hold words together", '"hello world"', [term(null, "hello world")]],
  ["a field takes a value", "from:Ann", [term("from", "ann")]],
  ["a field takes a quoted value", 'subject:"a b" x', [term("subject", "a b"), term(null, "x")]],
  ["a quote that is not closed goes to the end", 'subject:"a b', [term("subject", "a b")]],
  ["a minus turns round", "-is:failed -word", [term("is", "failed", true), term(null, "word", true)]],
  ["a colon in a word that begins otherwise is part of it", "12:30", [term(null, "12:30")]],
  ["quotes make a word of anything", '"from:x"', [term(null, "from:x")]],
];
for (const [name, text, terms] of queries) {
  test(name, () => assert.deepEqual(parseQuery(text), { kind: "query", terms }));
}

const errors: readonly [string, string, RegExp][] = [
  ["an unknown field is answered with the nearest", "form:ann", /no field form:; did you mean from\?/],
  [
    "an unknown state is answered with all and the nearest",
    "is:faild",
    /is: takes .*dead.*; did you mean failed\?/,
  ],
  ["a field without a value is told so", "from: ann", /from: needs a value/],
  ["a query past the limit is refused", "x".repeat(queryMaxLength + 1), /at most 500 characters/],
];
for (const [name, text, message] of errors) {
  test(name, () => {
    const query = parseQuery(text);
    assert.equal(query.kind, "error");
    assert.match(query.kind === "error" ? query.message : "", message);
  });
}

test("a query at the limit is read", () =>
  assert.equal(parseQuery("x".repeat(queryMaxLength)).kind, "query"));
