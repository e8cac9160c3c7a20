import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createBody, type Piece } from "../../functions/deliver/body.ts";

/** A store whose objects come in chunks of these sizes, over and over. */
function storeOf(objects: ReadonlyMap<string, Buffer>, chunkSizes: readonly number[]) {
  async function* chunksOf(bytes: Buffer) {
    for (let at = 0, index = 0; at < bytes.length; index++) {
      const size = chunkSizes[index % chunkSizes.length] ?? 1;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  return {
    get: async (key: string) => {
      const bytes = objects.get(key);
      return bytes === undefined
        ? null
        : { body: chunksOf(bytes), sizeBytes: bytes.length, contentType: "", metadata: {} };
    },
  };
}

test("for any chunks a body is what its pieces are, as long as it says, each time it is read", async () => {
  const object = fc.record({
    bytes: fc.uint8Array({ maxLength: 20 }),
    encoding: fc.constantFrom("binary", "base64"),
  });
  const pieces = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), object), { maxLength: 5 });
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(pieces, sizes, async (given, chunkSizes) => {
      const objects = new Map<string, Buffer>();
      const expected: Buffer[] = [];
      const made = given.map((piece, index): Piece => {
        if (typeof piece === "string") {
          expected.push(Buffer.from(piece));
          return piece;
        }
        const bytes = Buffer.from(piece.bytes);
        objects.set(String(index), bytes);
        expected.push(piece.encoding === "binary" ? bytes : Buffer.from(bytes.toString("base64")));
        return { key: String(index), sizeBytes: bytes.length, encoding: piece.encoding };
      });
      const body = createBody(made, storeOf(objects, chunkSizes));
      const whole = Buffer.concat(expected);
      if (typeof body === "string") return assert.deepEqual(Buffer.from(body), whole);
      assert.equal(body.sizeBytes, whole.length);
      for (let time = 0; time < 2; time++)
        assert.deepEqual(Buffer.concat(await Array.fromAsync(body.open())), whole);
    }),
  );
});

test("an object that is gone is never taken for an empty one", async () => {
  const body = createBody([{ key: "a", sizeBytes: 0, encoding: "binary" }], storeOf(new Map(), [1]));
  assert.ok(typeof body !== "string");
  await assert.rejects(Array.fromAsync(body.open()), {
    name: "PermanentError",
    message: "a: no such object",
  });
});
