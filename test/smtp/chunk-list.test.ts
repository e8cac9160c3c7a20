import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ChunkList } from "../../functions/smtp/chunk-list.ts";

const chunk = fc
  .integer({ min: 1, max: 5000 })
  .chain((size) => fc.nat(255).map((fill) => Buffer.alloc(size, fill)));

test("what was pushed comes out in its order, whatever is taken in between", () => {
  fc.assert(
    fc.property(fc.array(fc.option(chunk), { maxLength: 40 }), (steps) => {
      const list = new ChunkList();
      const taken: Buffer[] = [];
      for (const step of steps) {
        if (step === null) taken.push(...list.take());
        else list.push(step);
      }
      taken.push(...list.take());
      const pushed = steps.filter((step) => step !== null);
      assert.deepEqual(Buffer.concat(taken), Buffer.concat(pushed));
      assert.deepEqual(list.take(), []);
    }),
    { numRuns: 200 },
  );
});

test("a hundred thousand octets in as many segments become a few buffers", () => {
  const list = new ChunkList();
  for (let octet = 0; octet < 100_000; octet++) list.push(Buffer.of(octet & 0xff));
  assert.ok(list.take().length < 10);
});

test("a chunk that is large stays the buffer that it is", () => {
  const list = new ChunkList();
  const large = Buffer.alloc(64 * 1024);
  list.push(Buffer.from("small"));
  list.push(large);
  assert.equal(list.take()[1], large);
});
