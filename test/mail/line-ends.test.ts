import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LineEnds } from "../../functions/mail/line-ends.ts";
import { lookThroughSlowly } from "../support/data-model.ts";
import { splitAt } from "../support/smtp-session.ts";

const pieces = fc.constantFrom(
  "\r\n",
  "\r",
  "\n",
  "\0",
  "a",
  "\t",
  "\xff",
  "x".repeat(998),
  "x".repeat(999),
  "x".repeat(1001),
);

test("any octets in any chunks hold what they hold when they are looked at as one", () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 6 }), (parts, cuts) => {
      const text = parts.join("");
      const lineEnds = new LineEnds();
      for (const part of splitAt(cuts)(Buffer.from(text, "latin1"))) lineEnds.look(part);
      const { bareNewlines, longLines } = lookThroughSlowly(text);
      assert.deepEqual(lineEnds.findings, { bareNewlines, longLines });
    }),
    { numRuns: 2000 },
  );
});
