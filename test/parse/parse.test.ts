import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { attachmentKey, bodyKey } from "../../functions/mail/keys.ts";
import { limits } from "../../functions/mail/limits.ts";
import { ParsedMessage } from "../../functions/mail/messages.ts";
import { parse } from "../../functions/parse/parse.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { envelope, id, parseData, storeRaw } from "./parse-data.ts";

const mixed = Buffer.from(
  "Subject: x\r\nFrom: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n" +
    '--b\r\nContent-Type: text/html; charset=x"; filename=a.html\r\nContent-Disposition: attachment\r\n\r\n<p>\r\n--b--\r\n',
);

test("the envelope, the size and the digest are those of the DATA", async () => {
  const store = createMemoryStore();
  const { raw, ...message } = await parseData(mixed, store);
  assert.deepEqual(message.envelope, envelope);
  assert.equal(message.id, id);
  assert.equal(raw.sizeBytes, mixed.length);
  assert.equal(raw.sha256, createHash("sha256").update(mixed).digest("hex"));
  assert.equal(raw.bucket, store.bucket);
});

const oddities = [
  ["a bare newline", Buffer.from("Subject: x\r\n\r\na\nb\r\n"), { bareNewlines: true, longLines: false }],
  ["a long line", Buffer.from(`\r\n${"a".repeat(999)}\r\n`), { bareNewlines: false, longLines: true }],
] as const;

for (const [sentence, data, expected] of oddities) {
  test(`${sentence} is found here, whatever the front end could say`, async () => {
    assert.deepEqual((await parseData(data)).envelope, { ...envelope, ...expected });
  });
}

test("parsing again writes the same objects", async () => {
  const store = createMemoryStore();
  const first = await parseData(mixed, store);
  const objects = new Map(store.objects);
  assert.deepEqual(await parseData(mixed, store), first);
  assert.deepEqual(store.objects, objects);
});

test("what a browser would run is stored as bytes", async () => {
  const store = createMemoryStore();
  const { attachments } = await parseData(mixed, store);
  assert.equal(attachments[0]?.contentType, "text/html");
  assert.equal(store.objects.get(attachmentKey(id, 0))?.contentType, "application/octet-stream");
});

const { bodyInlineMaxBytes, bodyMaxBytes } = limits;
const sizes: [sentence: string, body: string, inline: string, whole: string | null, codes: string[]][] = [
  [
    "a body at the inline limit travels whole",
    "a".repeat(bodyInlineMaxBytes),
    "a".repeat(bodyInlineMaxBytes),
    null,
    [],
  ],
  [
    "one past it is cut, and lies whole in the store",
    `${"a".repeat(bodyInlineMaxBytes)}b`,
    "a".repeat(bodyInlineMaxBytes),
    `${"a".repeat(bodyInlineMaxBytes)}b`,
    [],
  ],
  [
    "the cut is between characters",
    `${"a".repeat(bodyInlineMaxBytes - 1)}€`,
    "a".repeat(bodyInlineMaxBytes - 1),
    `${"a".repeat(bodyInlineMaxBytes - 1)}€`,
    [],
  ],
  [
    "a body at the limit is read whole",
    "a".repeat(bodyMaxBytes),
    "a".repeat(bodyInlineMaxBytes),
    "a".repeat(bodyMaxBytes),
    [],
  ],
  [
    "one past it is not, with a warning",
    "a".repeat(bodyMaxBytes + 1),
    "a".repeat(bodyInlineMaxBytes),
    "a".repeat(bodyMaxBytes),
    ["body-cut"],
  ],
  [
    "a cut inside a character drops it, and is no wrong charset",
    `${"a".repeat(bodyMaxBytes - 1)}€`,
    "a".repeat(bodyInlineMaxBytes),
    "a".repeat(bodyMaxBytes - 1),
    ["body-cut"],
  ],
];

for (const [sentence, body, inline, whole, codes] of sizes) {
  test(sentence, async () => {
    const store = createMemoryStore();
    const data = Buffer.from(`From: a@b.test\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}`);
    const { message, warnings, bodyKey: key } = await parseData(data, store);
    const stored = store.objects.get(bodyKey(id));
    assert.equal(message.text, inline);
    assert.equal(message.bodyTruncated, whole !== null);
    assert.equal(key, whole === null ? null : bodyKey(id));
    assert.deepEqual(
      stored && JSON.parse(stored.bytes.toString()),
      whole === null ? undefined : { text: whole, html: null },
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      codes,
    );
  });
}

const corpus = new URL("../corpus/", import.meta.url);
const mails = readdirSync(corpus).filter((file) => file.endsWith(".eml"));

test("a message comes to the same however its bytes arrive", async () => {
  const store = createMemoryStore();
  const property = fc.asyncProperty(
    fc.constantFrom(...mails),
    fc.array(fc.nat(2000), { maxLength: 20 }),
    async (mail, sizes) => {
      const data = readFileSync(new URL(mail, corpus));
      const whole = await parseData(data, store);
      const key = await storeRaw(data, store);
      const bytes = store.objects.get(key)?.bytes ?? Buffer.alloc(0);
      const object = await store.get(key);
      assert.ok(object !== null);
      const body = (async function* () {
        let at = 0;
        for (const size of sizes) {
          yield bytes.subarray(at, at + size);
          at += size;
        }
        yield bytes.subarray(at);
      })();
      assert.deepEqual(await parse(key, { ...object, body }, { store }), whole);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test("any bytes come to a message", async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        "\r\n",
        "\r\n\r\n",
        "--b",
        "--b--",
        "--",
        "Content-Type: ",
        "multipart/mixed; boundary=b",
        "text/html",
        ";",
        "=",
      ],
      ...[
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment; filename*0*=",
        "message/rfc822",
        '"',
        "(",
      ],
      ...[
        "From: ",
        "=?utf-8?Q?",
        "?=",
        "charset=",
        "utf-16",
        "\0",
        "Subject:",
        " ",
        ":",
        "<p>",
        "multipart/alternative",
      ],
    ),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  );
  const property = fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
    ParsedMessage.parse(await parseData(Buffer.from(pieces.join(""), "latin1")));
  });
  await fc.assert(property, { numRuns: 150 });
});
