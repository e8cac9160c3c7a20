import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, queryOf } from "../../functions/audit/audit.ts";

const nowMs = Date.UTC(2026, 0, 1, 12);
const hourMs = 3_600_000;

const rows = [
  ["no row is no mail", [], 0],
  ["none is none", [{ unaccounted: "0" }], 0],
  ["what the logs count is what there is", [{ unaccounted: "3" }], 3],
] as const;

for (const [sentence, answered, expected] of rows) {
  test(sentence, async () => {
    assert.equal(await audit({ ask: async () => answered, now: () => nowMs }), expected);
  });
}

test("an answer that is no number is an error, not a nought", async () => {
  await assert.rejects(audit({ ask: async () => [{ unaccounted: "many" }], now: () => nowMs }));
});

test("it looks three hours back, for mail of which the last was said over an hour ago", async () => {
  const asked: unknown[] = [];
  const ask = async (question: unknown) => {
    asked.push(question);
    return [];
  };
  await audit({ ask, now: () => nowMs });
  assert.deepEqual(asked, [{ query: queryOf(nowMs - hourMs), fromMs: nowMs - 3 * hourMs, toMs: nowMs }]);
  assert.match(queryOf(1), /lastMs < 1\n/);
});
