import assert from "node:assert/strict";
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PermanentError } from "../../functions/mail/errors.ts";
import type { ObjectStore } from "../../functions/mail/ports.ts";
import { inlineMaxBytes } from "../../infra/local/store/content.ts";
import { keyMaxBytes } from "../../infra/local/store/store.ts";
import { type Setup, withSetup } from "./queue-setup.ts";

const large = inlineMaxBytes + 1;

const filesOf = ({ folder }: Setup) => readdirSync(join(folder, "objects"));

async function read(store: ObjectStore, key: string): Promise<string | null> {
  const object = await store.get(key);
  return object === null ? null : Buffer.concat(await Array.fromAsync(object.body)).toString();
}

const openFilesCount = () => readdirSync("/dev/fd").length;

const put = async ({ embedded }: Setup, key: string, text: string) =>
  embedded().store.put(key, [Buffer.from(text)]);

async function* pieces(count: number, piece: Uint8Array, error?: Error): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < count; sent++) yield piece;
  if (error !== undefined) throw error;
}

const cases: readonly (readonly [string, (setup: Setup) => Promise<void>])[] = [
  [
    "objects outlive a restart, small and large",
    async (setup) => {
      await put(setup, "small", "small");
      await put(setup, "large", "l".repeat(large));
      await setup.reopen();
      assert.equal(await read(setup.embedded().store, "small"), "small");
      assert.equal(await read(setup.embedded().store, "large"), "l".repeat(large));
    },
  ],
  [
    "an object of 64 KiB lies in its row, one of a byte more in a file, whether put or streamed",
    async (setup) => {
      const { store } = setup.embedded();
      await store.put("put", [Buffer.alloc(inlineMaxBytes)]);
      await store.putStream("streamed", pieces(8, Buffer.alloc(inlineMaxBytes / 8)));
      assert.deepEqual(filesOf(setup), []);
      await store.put("put", [Buffer.alloc(inlineMaxBytes), Buffer.alloc(1)]);
      await store.putStream("streamed", pieces(inlineMaxBytes / 8 + 1, Buffer.alloc(8)));
      assert.deepEqual(
        filesOf(setup)
          .map((file) => statSync(join(setup.folder, "objects", file)).size)
          .toSorted(),
        [inlineMaxBytes + 1, inlineMaxBytes + 8],
      );
    },
  ],
  [
    "a file goes when its object is written over, deleted, or was there already",
    async (setup) => {
      const { store } = setup.embedded();
      const body = [Buffer.alloc(large)];
      await store.put("key", body);
      await store.put("key", body, { ifAbsent: true });
      await store.put("key", body);
      assert.equal(filesOf(setup).length, 1);
      await store.put("key", []);
      assert.equal(filesOf(setup).length, 0);
      await store.put("key", body);
      await store.delete("key");
      assert.equal(filesOf(setup).length, 0);
    },
  ],
  [
    "a stream that throws leaves no file",
    async (setup) => {
      const broken = new Error("broken");
      const stream = pieces(3, Buffer.alloc(inlineMaxBytes), broken);
      await assert.rejects(setup.embedded().store.putStream("key", stream), broken);
      assert.deepEqual(filesOf(setup), []);
    },
  ],
  [
    "a store that cannot write rejects, ends the stream, and leaves what was there",
    async (setup) => {
      const { store } = setup.embedded();
      await put(setup, "key", "before");
      renameSync(join(setup.folder, "objects"), join(setup.folder, "away"));
      await assert.rejects(put(setup, "key", "l".repeat(large)), /ENOENT/);
      let isEnded = false;
      const stream = (async function* () {
        try {
          for (;;) yield Buffer.alloc(inlineMaxBytes);
        } finally {
          isEnded = true;
        }
      })();
      await assert.rejects(store.putStream("key", stream), /ENOENT/);
      assert.ok(isEnded);
      assert.equal(await read(store, "key"), "before");
    },
  ],
  [
    "a stream is read no faster than it is written",
    async (setup) => {
      const piece = Buffer.alloc(inlineMaxBytes);
      let largestAheadBytes = 0;
      const stream = (async function* () {
        for (let sent = 1; sent <= 64; sent++) {
          yield piece;
          const [file] = filesOf(setup);
          const written = file === undefined ? 0 : statSync(join(setup.folder, "objects", file)).size;
          largestAheadBytes = Math.max(largestAheadBytes, sent * piece.length - written);
        }
      })();
      await setup.embedded().store.putStream("key", stream);
      assert.ok(largestAheadBytes <= 2 * inlineMaxBytes, `${largestAheadBytes} bytes ahead`);
    },
  ],
  [
    "who reads an object goes on reading it when it is written over or deleted",
    async (setup) => {
      const { store } = setup.embedded();
      await put(setup, "key", "a".repeat(large));
      const [first, second] = [await store.get("key"), await store.get("key")];
      await put(setup, "key", "b".repeat(large));
      assert.equal(Buffer.concat(await Array.fromAsync(first?.body ?? [])).toString(), "a".repeat(large));
      await store.delete("key");
      assert.equal(Buffer.concat(await Array.fromAsync(second?.body ?? [])).toString(), "a".repeat(large));
    },
  ],
  [
    "objects can be read while they are written over again and again",
    async (setup) => {
      const { store } = setup.embedded();
      await put(setup, "key", "0".repeat(large));
      const writes = (async () => {
        for (let n = 1; n <= 9; n++) await put(setup, "key", `${n}`.repeat(large));
      })();
      for (let reads = 0; reads < 30; reads++) {
        assert.match((await read(store, "key")) ?? "", new RegExp(`^(\\d)\\1{${large - 1}}$`));
      }
      await writes;
    },
  ],
  [
    "a body that is returned before it is begun is closed",
    async (setup) => {
      await put(setup, "key", "l".repeat(large));
      const before = openFilesCount();
      const object = await setup.embedded().store.get("key");
      assert.equal(openFilesCount(), before + 1);
      await object?.body[Symbol.asyncIterator]().return?.();
      assert.equal(openFilesCount(), before);
    },
  ],
  [
    "a file that someone took away is named",
    async (setup) => {
      await put(setup, "key", "l".repeat(large));
      rmSync(join(setup.folder, "objects", "1"));
      await assert.rejects(
        setup.embedded().store.get("key"),
        /object key: its file is missing from the data folder/,
      );
    },
  ],
  [
    "the number of a file that someone took away is not given again",
    async (setup) => {
      await put(setup, "key", "l".repeat(large));
      rmSync(join(setup.folder, "objects", "1"));
      await setup.reopen();
      await put(setup, "other", "m".repeat(large));
      await assert.rejects(read(setup.embedded().store, "key"), /its file is missing/);
      assert.equal(await read(setup.embedded().store, "other"), "m".repeat(large));
    },
  ],
  [
    "a file that someone cut short breaks off with an error",
    async (setup) => {
      await put(setup, "key", "l".repeat(large));
      writeFileSync(join(setup.folder, "objects", "1"), "short");
      await assert.rejects(read(setup.embedded().store, "key"), /shorter than its object/);
    },
  ],
  [
    "files of writes that were never finished are swept at the start, and nothing else is",
    async (setup) => {
      await put(setup, "key", "l".repeat(large));
      const at = (name: string) => join(setup.folder, "objects", name);
      for (const name of ["7", "notes.txt"]) writeFileSync(at(name), "x");
      await setup.reopen();
      assert.deepEqual([existsSync(at("7")), existsSync(at("notes.txt"))], [false, true]);
      await put(setup, "other", "m".repeat(large));
      assert.equal(await read(setup.embedded().store, "key"), "l".repeat(large));
      assert.equal(await read(setup.embedded().store, "other"), "m".repeat(large));
    },
  ],
];

for (const [sentence, check] of cases) test(sentence, withSetup(check));

const refusedKeys: readonly (readonly [string, string])[] = [
  ["is empty", ""],
  ["has 1,025 bytes", "k".repeat(keyMaxBytes + 1)],
  ["has 1,025 bytes in 513 characters", `${"é".repeat(512)}k`],
  ["has a NUL", "a\0b"],
  ["has a lone surrogate", "a\u{d800}"],
];

for (const [what, key] of refusedKeys) {
  test(
    `a key that ${what} is refused, and is no object`,
    withSetup(async ({ embedded }) => {
      const { store } = embedded();
      await assert.rejects(store.put(key, []), PermanentError);
      await assert.rejects(store.putStream(key, pieces(1, Buffer.alloc(1))), PermanentError);
      assert.equal(await store.get(key), null);
      await store.delete(key);
    }),
  );
}

test(
  "metadata that S3 could not keep is refused",
  withSetup(async ({ embedded }) => {
    await assert.rejects(embedded().store.put("key", [], { metadata: { name: "é" } }), PermanentError);
    await assert.rejects(embedded().store.put("key", [], { metadata: { "a b": "x" } }), PermanentError);
    assert.equal(await embedded().store.get("key"), null);
  }),
);
