import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Row } from "./contract.ts";
import { get, numbers, read, type StoreUnderTest } from "./store-subject.ts";

export const streamRows: readonly Row<StoreUnderTest>[] = [
  [
    "a stream is stored whole, with its attributes",
    async ({ store }) => {
      const attributes = { contentType: "image/png", metadata: { name: "big" } };
      await store.putStream("big", stream(mebibytes(6)), attributes);
      const object = await get(store, "big");
      assert.equal(object.sizeBytes, 6 * 1024 * 1024);
      assert.equal(object.contentType, "image/png");
      assert.deepEqual({ ...object.metadata }, { name: "big" });
      assert.equal(await digest(object.body), await digest(stream(mebibytes(6))));
    },
  ],
  [
    "a stream may be short or empty",
    async ({ store }) => {
      await store.putStream("short", stream([Buffer.from("sh"), Buffer.from("ort")]));
      await store.putStream("empty", stream([]));
      assert.equal((await read(await get(store, "short"))).toString(), "short");
      assert.equal((await get(store, "empty")).sizeBytes, 0);
    },
  ],
  [
    "a short stream with ifAbsent changes nothing where there is something",
    async ({ store }) => {
      await store.putStream("key", stream([Buffer.from("first")]), { ifAbsent: true });
      await store.putStream("key", stream([Buffer.from("second")]), { ifAbsent: true });
      assert.equal((await read(await get(store, "key"))).toString(), "first");
    },
  ],
  [
    "a long stream with ifAbsent changes nothing where there is something",
    async ({ store }) => {
      await store.put("key", [Buffer.from("first")]);
      await store.putStream("key", stream(mebibytes(6)), { ifAbsent: true });
      assert.equal((await read(await get(store, "key"))).toString(), "first");
      await store.putStream("other", stream(mebibytes(6)), { ifAbsent: true });
      assert.equal((await get(store, "other")).sizeBytes, 6 * 1024 * 1024);
    },
  ],
  [
    "a stream that throws rejects with that error and leaves nothing",
    async ({ store }) => {
      const broken = new Error("the client went away");
      await assert.rejects(store.putStream("short", stream([Buffer.from("x")], broken)), broken);
      await assert.rejects(store.putStream("long", stream(mebibytes(6), broken)), broken);
      assert.deepEqual(await Array.fromAsync(store.list("")), []);
    },
  ],
  [
    "a stream that throws leaves the object that was there",
    async ({ store }) => {
      await store.put("key", [Buffer.from("before")], { metadata: { by: "before" } });
      await assert.rejects(store.putStream("key", stream(mebibytes(6), new Error("gone"))));
      const object = await get(store, "key");
      assert.equal((await read(object)).toString(), "before");
      assert.deepEqual({ ...object.metadata }, { by: "before" });
    },
  ],
  [
    "a body may be left unread again and again",
    async ({ store }) => {
      await store.putStream("big", stream(mebibytes(6)));
      for (const _ of numbers(60)) {
        const object = await get(store, "big");
        for await (const piece of object.body) {
          assert.ok(piece.length > 0);
          break;
        }
      }
      assert.equal((await read(await get(store, "big"))).length, 6 * 1024 * 1024);
    },
  ],
];

/** In pieces whose size is no divisor of a part's. */
function* mebibytes(count: number): Generator<Buffer> {
  const pieceSize = 100_000;
  for (let left = count * 1024 * 1024, n = 0; left > 0; left -= pieceSize, n++) {
    yield Buffer.alloc(Math.min(left, pieceSize), `piece ${n} `);
  }
}

async function* stream(pieces: Iterable<Uint8Array>, error?: Error): AsyncGenerator<Uint8Array> {
  yield* pieces;
  if (error !== undefined) throw error;
}

async function digest(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of body) hash.update(piece);
  return hash.digest("hex");
}
