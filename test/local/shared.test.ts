import assert from "node:assert/strict";
import { test } from "node:test";
import { createShared } from "../../infra/local/shared.ts";

test("who asks while a run is under way shares the next one", async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const shared = createShared(async () => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const first = shared();
  const others = [shared(), shared()];
  assert.equal(runs.length, 1);
  runs[0]?.resolve();
  await first;
  assert.equal(runs.length, 2);
  runs[1]?.resolve();
  await Promise.all(others);
  assert.equal(runs.length, 2);
  const later = shared();
  assert.equal(runs.length, 3);
  runs[2]?.resolve();
  await later;
});

test("a run that fails rejects those who shared it, and the next one runs", async () => {
  const outcomes = [Promise.reject(new Error("full")), Promise.resolve()];
  const shared = createShared(async () => outcomes.shift());
  const [first, second] = await Promise.allSettled([shared(), shared()]);
  assert.deepEqual([first.status, second.status], ["rejected", "fulfilled"]);
});
