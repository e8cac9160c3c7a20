import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { batchLimits, inBatches } from "../../functions/aws/queue-batches.ts";
import type { OutgoingMessage } from "../../functions/mail/ports.ts";

const message = (sizeBytes: number): OutgoingMessage => ({ body: "b".repeat(sizeBytes) });
const half = batchLimits.sizeMaxBytes / 2;

const rows: readonly (readonly [string, readonly OutgoingMessage[], readonly number[]])[] = [
  ["nothing is no batch", [], []],
  ["ten are one batch", Array(10).fill(message(1)), [10]],
  ["eleven are two", Array(11).fill(message(1)), [10, 1]],
  ["1 MiB together is one batch", [message(half), message(half)], [2]],
  ["a byte more is two", [message(half), message(half + 1)], [1, 1]],
  ["letters count as the bytes of UTF-8", [{ body: "é".repeat(half / 2) }, message(half + 1)], [1, 1]],
  [
    "attributes count, with their names and types",
    [{ body: "b".repeat(half - 13), attributes: { reason: "r" } }, message(half)],
    [2],
  ],
  [
    "a byte of an attribute more is two",
    [{ body: "b".repeat(half - 13), attributes: { reason: "rr" } }, message(half)],
    [1, 1],
  ],
  [
    "one that is too large stands alone",
    [message(1), message(batchLimits.sizeMaxBytes + 1), message(1)],
    [1, 1, 1],
  ],
];

for (const [name, messages, lengths] of rows) {
  test(name, () =>
    assert.deepEqual(
      inBatches(messages).map(({ length }) => length),
      lengths,
    ),
  );
}

test("whatever the messages, their order is kept and no batch of more than one is too large", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: Math.ceil(batchLimits.sizeMaxBytes / 3) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(sizes, (all) => {
      const messages = all.map(message);
      const batches = inBatches(messages);
      assert.deepEqual(batches.flat(), messages);
      for (const batch of batches) {
        const sizeBytes = batch.reduce((sum, { body }) => sum + body.length, 0);
        assert.ok(batch.length >= 1 && batch.length <= batchLimits.entriesMax);
        assert.ok(batch.length === 1 || sizeBytes <= batchLimits.sizeMaxBytes);
      }
    }),
    { numRuns: 30 },
  );
});
