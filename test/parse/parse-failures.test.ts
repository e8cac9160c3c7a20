import assert from "node:assert/strict";
import { test } from "node:test";
import { PermanentError } from "../../functions/mail/errors.ts";
import { limits } from "../../functions/mail/limits.ts";
import type { ObjectStore } from "../../functions/mail/ports.ts";
import { parse } from "../../functions/parse/parse.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { storeRaw } from "./parse-data.ts";

const mixed = Buffer.from(
  "Subject: x\r\nFrom: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n" +
    '--b\r\nContent-Type: text/html; charset=x"; filename=a.html\r\nContent-Disposition: attachment\r\n\r\n<p>\r\n--b--\r\n',
);

/** An object that is not what the front end stores. */
const strangers: [
  sentence: string,
  change: (store: ReturnType<typeof createMemoryStore>, key: string) => string,
][] = [
  ["a key that is no message's", (store, key) => rename(store, key, "raw/00/x.eml")],
  ["no metadata", (store, key) => replace(store, key, (object) => ({ bytes: object.bytes }))],
  [
    "an envelope that ends elsewhere",
    (store, key) => replace(store, key, (object) => ({ ...object, metadata: { "envelope-bytes": "9" } })),
  ],
  ["another message's envelope", (store, key) => rename(store, key, key.replaceAll("ab", "cd"))],
];

type Stored = { bytes: Buffer; metadata?: Readonly<Record<string, string>> };

function replace(
  store: ReturnType<typeof createMemoryStore>,
  key: string,
  change: (object: Stored) => Stored,
): string {
  const object = store.objects.get(key);
  assert.ok(object !== undefined);
  store.objects.set(key, change(object));
  return key;
}

function rename(store: ReturnType<typeof createMemoryStore>, key: string, to: string): string {
  const object = store.objects.get(key);
  assert.ok(object !== undefined);
  store.objects.set(to, object);
  return to;
}

for (const [sentence, change] of strangers) {
  test(`an object with ${sentence} can never be parsed`, async () => {
    const store = createMemoryStore();
    const key = change(store, await storeRaw(mixed, store));
    const object = await store.get(key);
    assert.ok(object !== null);
    await assert.rejects(parse(key, object, { store }), PermanentError);
  });
}

const longPart = Buffer.concat([mixed.subarray(0, -7), Buffer.alloc(500_000, "x\r\n")]);

/** Failures of the store: each must be a throw, for the message to come again. */
const failures: [sentence: string, change: (store: ObjectStore) => Partial<ObjectStore>, data?: Buffer][] = [
  ["stores no attachment", () => ({ putStream: () => Promise.reject(new Error("no store")) })],
  [
    "fails amid an attachment",
    () => ({
      putStream: async (_, body) => {
        for await (const _chunk of body) throw new Error("no store");
      },
    }),
    longPart,
  ],
  [
    "stores no body",
    () => ({ put: () => Promise.reject(new Error("no store")) }),
    Buffer.from(`From: a@b.test\r\n\r\n${"a".repeat(limits.bodyInlineMaxBytes + 1)}`),
  ],
];

for (const [sentence, change, data = mixed] of failures) {
  test(`a store that ${sentence} makes the message come again`, async () => {
    const store = createMemoryStore();
    const key = await storeRaw(data, store);
    const object = await store.get(key);
    assert.ok(object !== null);
    await assert.rejects(parse(key, object, { store: { ...store, ...change(store) } }), {
      message: "no store",
    });
  });
}

for (const [sentence, end] of [
  ["fails", () => Promise.reject(new Error("connection lost"))],
  ["ends early", () => Promise.resolve()],
] as const) {
  for (const keptBytes of [10, 700, 100_000]) {
    test(`an object whose stream ${sentence} after ${keptBytes} bytes is read again, never taken for short`, async () => {
      const store = createMemoryStore();
      const key = await storeRaw(longPart, store);
      const bytes = store.objects.get(key)?.bytes ?? Buffer.alloc(0);
      const object = await store.get(key);
      assert.ok(object !== null);
      const body = (async function* () {
        yield bytes.subarray(0, keptBytes);
        await end();
      })();
      await assert.rejects(parse(key, { ...object, body }, { store }));
    });
  }
}
