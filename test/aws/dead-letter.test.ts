import assert from "node:assert/strict";
import { test } from "node:test";
import { deadLetterAttributes, reasonMaxLength } from "../../functions/aws/dead-letter.ts";

const rows: readonly [string, string, string][] = [
  ["a reason at the limit stands whole", "x".repeat(reasonMaxLength), "x".repeat(reasonMaxLength)],
  ["one character more is cut", `${"x".repeat(reasonMaxLength)}y`, "x".repeat(reasonMaxLength)],
  ["what XML cannot write is replaced", "no route: a\u0000b", "no route: a?b"],
  ["there is always a reason", "", "unknown"],
];
for (const [name, given, reason] of rows) {
  test(name, () => assert.deepEqual(deadLetterAttributes("route", given), { stage: "route", reason }));
}
