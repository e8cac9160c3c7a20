import assert from "node:assert/strict";
import type { Row } from "./contract.ts";
import { get, numbers, read, type StoreUnderTest } from "./store-subject.ts";

export const objectRows: readonly Row<StoreUnderTest>[] = [
  [
    "an object comes back as it was put: bytes, content type and metadata",
    async ({ store }) => {
      const body = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));
      const attributes = { contentType: "message/rfc822", metadata: { "envelope-bytes": "12", note: "a b" } };
      assert.equal(await store.put("raw/a.eml", [body], attributes), "stored");
      const object = await get(store, "raw/a.eml");
      assert.deepEqual(await read(object), body);
      assert.equal(object.sizeBytes, 256);
      assert.equal(object.contentType, "message/rfc822");
      assert.deepEqual({ ...object.metadata }, attributes.metadata);
    },
  ],
  [
    "an object put without attributes is application/octet-stream and has no metadata",
    async ({ store }) => {
      await store.put("plain", [Buffer.from("x")]);
      const object = await get(store, "plain");
      assert.equal(object.contentType, "application/octet-stream");
      assert.deepEqual({ ...object.metadata }, {});
      await read(object);
    },
  ],
  [
    "the pieces of a body are joined in order",
    async ({ store }) => {
      await store.put("pieces", [Buffer.from("one "), Buffer.alloc(0), Buffer.from("two")]);
      assert.equal((await read(await get(store, "pieces"))).toString(), "one two");
    },
  ],
  [
    "an object may be empty",
    async ({ store }) => {
      await store.put("empty", []);
      const object = await get(store, "empty");
      assert.equal(object.sizeBytes, 0);
      assert.equal((await read(object)).length, 0);
    },
  ],
  [
    "a put over an object replaces bytes, content type and metadata",
    async ({ store }) => {
      await store.put("key", [Buffer.from("longer than new")], {
        contentType: "text/a",
        metadata: { old: "1" },
      });
      assert.equal(await store.put("key", [Buffer.from("new")], { contentType: "text/b" }), "stored");
      const object = await get(store, "key");
      assert.equal((await read(object)).toString(), "new");
      assert.equal(object.contentType, "text/b");
      assert.deepEqual({ ...object.metadata }, {});
    },
  ],
  [
    "ifAbsent stores where there is nothing and changes nothing where there is something",
    async ({ store }) => {
      const first = { ifAbsent: true, metadata: { by: "first" } };
      assert.equal(await store.put("key", [Buffer.from("first")], first), "stored");
      assert.equal(await store.put("key", [Buffer.from("second")], { ifAbsent: true }), "exists");
      const object = await get(store, "key");
      assert.equal((await read(object)).toString(), "first");
      assert.deepEqual({ ...object.metadata }, { by: "first" });
    },
  ],
  [
    "of many that put one key at the same time with ifAbsent, one stores",
    async ({ store }) => {
      const outcomes = await Promise.all(
        numbers(8).map(async (n) => store.put("key", [Buffer.from(`body ${n}`)], { ifAbsent: true })),
      );
      const winner = outcomes.indexOf("stored");
      assert.deepEqual(outcomes.filter((outcome) => outcome === "stored").length, 1);
      assert.equal((await read(await get(store, "key"))).toString(), `body ${winner}`);
    },
  ],
  [
    "of many that put one key at the same time, one is there whole, with its own metadata",
    async ({ store }) => {
      await Promise.all(
        numbers(8).map(async (n) => store.put("key", [Buffer.alloc(10_000, n)], { metadata: { n: `${n}` } })),
      );
      const object = await get(store, "key");
      const body = await read(object);
      assert.deepEqual(body, Buffer.alloc(10_000, Number(object.metadata["n"])));
    },
  ],
  [
    "there is no object under a key that was not put",
    async ({ store }) => assert.equal(await store.get("none"), null),
  ],
  [
    "a deleted object is gone, and ifAbsent stores it anew",
    async ({ store }) => {
      await store.put("key", [Buffer.from("old")]);
      await store.delete("key");
      assert.equal(await store.get("key"), null);
      assert.deepEqual(await Array.fromAsync(store.list("")), []);
      assert.equal(await store.put("key", [Buffer.from("new")], { ifAbsent: true }), "stored");
    },
  ],
  ["deleting what is not there is no error", async ({ store }) => store.delete("none")],
  [
    "a list has the keys with its prefix and their sizes, in order of UTF-8",
    async ({ store }) => {
      const keys = [
        "raw/b",
        "raw/a",
        "raw/a/1",
        "raw/Z",
        "raw/é",
        "raw/\u{ffe6}",
        "raw/😀",
        "rawest",
        "ra",
        "raw_",
        "x",
      ];
      await Promise.all(keys.map(async (key) => store.put(key, [Buffer.from(key)])));
      assert.deepEqual(
        await Array.fromAsync(store.list("raw/")),
        ["raw/Z", "raw/a", "raw/a/1", "raw/b", "raw/é", "raw/\u{ffe6}", "raw/😀"].map((key) => ({
          key,
          sizeBytes: Buffer.byteLength(key),
        })),
      );
      assert.deepEqual(await Array.fromAsync(store.list("raw_"), ({ key }) => key), ["raw_"]);
      assert.deepEqual(await Array.fromAsync(store.list("none")), []);
    },
  ],
  [
    "a list goes on past the 1,000 keys of one page",
    async ({ store }) => {
      const keys = numbers(1001).map((n) => `key-${String(n).padStart(4, "0")}`);
      for (let from = 0; from < keys.length; from += 100) {
        await Promise.all(keys.slice(from, from + 100).map(async (key) => store.put(key, [])));
      }
      assert.deepEqual(await Array.fromAsync(store.list("key-"), ({ key }) => key), keys);
    },
  ],
];
