import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { poolRandom } from "../../functions/smtp/random-pool.ts";

test("no byte is drawn twice, and all are what the system gave", () => {
  let value = 0;
  const draw = poolRandom((size) => Uint8Array.from({ length: size }, () => value++ & 0xff));
  const drawn = Array.from({ length: 1000 }, () => [...draw(16)]).flat();
  // 4096 is a multiple of 256, so nothing is left over between two pools.
  assert.deepEqual(
    drawn,
    drawn.map((_, index) => index & 0xff),
  );
});

test("it gives as many as are asked for, also more than it holds", () => {
  const draw = poolRandom(randomBytes);
  for (const size of [1, 4095, 16, 5000, 0]) assert.equal(draw(size).length, size);
});
