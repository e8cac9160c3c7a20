import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { parse } from "../../functions/parse/parse.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { storeRaw } from "./parse-data.ts";

const mebibyte = 1024 * 1024;
const sizeBytes = 40 * mebibyte;
/** What may lie between the store it is read from and the store it is written to. */
const betweenMaxBytes = 2 * mebibyte;

test("an attachment of 40 MB streams: never more than 2 MB of it are held, however slow the store", async () => {
  const store = createMemoryStore();
  const header = Buffer.from("From: a@b.test\r\nContent-Type: application/octet-stream\r\n\r\n");
  const key = await storeRaw(header, store);
  const stored = await store.get(key);
  assert.ok(stored !== null);
  let readBytes = 0;
  let writtenBytes = 0;
  let heldBytes = 0;
  const line = Buffer.alloc(64 * 1024, `${"x".repeat(76)}\r\n`);
  const body = (async function* () {
    yield* stored.body;
    for (; readBytes < sizeBytes; readBytes += line.length) {
      heldBytes = Math.max(heldBytes, readBytes - writtenBytes);
      yield line;
    }
  })();
  const slow = {
    ...store,
    putStream: async (_: string, chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) {
        // The reader has all the turns it could want to run ahead.
        for (let turn = 0; turn < 20; turn += 1) await setImmediate();
        writtenBytes += chunk.length;
      }
    },
  };
  const message = await parse(
    key,
    { ...stored, body, sizeBytes: stored.sizeBytes + sizeBytes },
    { store: slow },
  );
  assert.equal(message.attachments[0]?.sizeBytes, sizeBytes);
  assert.equal(writtenBytes, sizeBytes);
  assert.ok(heldBytes > 0 && heldBytes <= betweenMaxBytes, `${heldBytes} bytes held`);
});
