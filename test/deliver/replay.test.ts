import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ReplaySelection, replay, replayParts } from "../../functions/deliver/replay.ts";
import { createId } from "../../functions/mail/id.ts";
import { rawKey } from "../../functions/mail/keys.ts";
import { parseNotification } from "../../functions/parse/notification.ts";
import { createMemoryStore } from "../support/memory-store.ts";

const nowMs = Date.parse("2026-03-01T00:00:00.000Z");

/** Which of the ids a replay asks the parse stage for. */
async function replayed(ids: readonly string[], selection: ReplaySelection) {
  const store = createMemoryStore();
  for (const id of ids) await store.put(rawKey(id), []);
  const batches: string[][] = [];
  const queue = {
    send: async (messages: readonly { body: string }[]) =>
      void batches.push(messages.map(({ body }) => body)),
  };
  const order = { reason: "lost", route: "rest" };
  const count = await replay(selection, order, { store, queue, now: () => nowMs });
  const asked = batches.flat().map((body) => parseNotification(body, store.bucket));
  for (const { replay: mark } of asked)
    assert.deepEqual(mark, { at: "2026-03-01T00:00:00.000Z", reason: "lost", route: "rest" });
  assert.equal(count, asked.length);
  for (const batch of batches) assert.ok(batch.length <= 10);
  return asked.flatMap(({ keys }) => keys);
}

const idOf = (ms: number, fill: number) => createId(ms, (size) => Buffer.alloc(size, fill));
const [id, other] = [idOf(1_000, 1), idOf(1_000, 2)];

test("one message is asked for by its id", async () => {
  assert.deepEqual(await replayed([id, other], { kind: "id", id }), [rawKey(id)]);
});

for (const [sentence, asked] of [
  ["that is not there", idOf(2_000, 1)],
  ["that only begins like one that is", id.slice(0, 20)],
  ["that is empty", ""],
] as const)
  test(`an id ${sentence} asks for nothing`, async () => {
    assert.deepEqual(await replayed([id], { kind: "id", id: asked }), []);
  });

test("a range asks for what came in it, both ends included", async () => {
  const ids = [999, 1_000, 1_500, 2_000, 2_001].map((ms, index) => idOf(ms, index));
  const keys = await replayed(ids, { kind: "received", fromMs: 1_000, toMs: 2_000 });
  assert.deepEqual(keys.sort(), ids.slice(1, 4).map(rawKey).sort());
});

test("the parts of a range are the range, each message once", async () => {
  const ids = Array.from({ length: 256 }, (_, fill) => idOf(1_500, fill));
  const range = { kind: "received", fromMs: 1_000, toMs: 2_000 } as const;
  const parts = Array.from({ length: replayParts }, async (_, n) => replayed(ids, { ...range, part: n + 1 }));
  const keys = await Promise.all(parts);
  assert.deepEqual(keys.flat().sort(), ids.map(rawKey).sort());
  assert.ok(keys.every((some) => some.length > 0));
});

test("any range asks for the same as looking at every message does", async () => {
  const time = fc.oneof(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 0x0fff0, max: 0x10010 }));
  const message = fc.record({ ms: time, fill: fc.integer({ min: 0, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 12 }), time, time, async (messages, fromMs, toMs) => {
      const ids = [...new Set(messages.map(({ ms, fill }) => idOf(ms, fill)))];
      const within = ids.filter((one) => {
        const ms = Number.parseInt(one.replace("-", "").slice(0, 12), 16);
        return ms >= fromMs && ms <= toMs;
      });
      const keys = await replayed(ids, { kind: "received", fromMs, toMs });
      assert.deepEqual(keys.sort(), within.map(rawKey).sort());
    }),
    { numRuns: 60 },
  );
});
