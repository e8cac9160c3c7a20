import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { openBucket } from "../../functions/aws/bucket.ts";
import { createClients } from "../../functions/aws/clients.ts";
import { inParts, partSizeBytes, putStream } from "../../functions/aws/multipart.ts";
import { createPutter, type Putter } from "../../functions/aws/put.ts";
import { connectByNode } from "../../functions/aws/put-by-node.ts";
import { readAwsSettings } from "../../functions/aws/settings.ts";
import { createStore } from "../../functions/aws/store.ts";
import { describeError } from "../../functions/mail/errors.ts";
import { emulatedEnvironment, emulatedIdentity } from "./emulated.ts";
import { type Answer, type Asked, startScripted } from "./scripted.ts";

async function* stream(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

test("however a stream comes, its parts are it, all of one size but the last, which is never empty in vain", async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 30 }), async (pieces, sizeBytes) => {
      const parts = await Array.fromAsync(inParts(stream(pieces), sizeBytes), ({ chunks, isLast }) => ({
        bytes: Buffer.concat(chunks),
        isLast,
      }));
      const whole = Buffer.concat(pieces);
      assert.deepEqual(Buffer.concat(parts.map(({ bytes }) => bytes)), whole);
      assert.equal(parts.length, Math.max(1, Math.ceil(whole.length / sizeBytes)));
      assert.ok(parts.slice(0, -1).every(({ bytes, isLast }) => bytes.length === sizeBytes && !isLast));
      assert.equal(parts.at(-1)?.isLast, true);
    }),
  );
});

/** S3's answers by what is asked; a row changes one, and each part is answered as a PUT. */
const normally: Readonly<Record<string, Answer>> = {
  "POST uploads": {
    body: "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
  },
  PUT: { headers: { etag: '"tag"' } },
  "POST uploadId": { body: "<CompleteMultipartUploadResult/>" },
  DELETE: { status: 204 },
};

/** "PUT 2" is the second part. */
function whatIsAsked({ method, url }: Asked): string {
  const query = new URL(url, "http://localhost").searchParams;
  if (method === "POST") return query.has("uploads") ? "POST uploads" : "POST uploadId";
  return [method, query.get("partNumber")].filter(Boolean).join(" ");
}

async function setUp(answers: Readonly<Record<string, Answer>>) {
  Object.assign(process.env, emulatedIdentity);
  const server = await startScripted((request) => {
    const what = whatIsAsked(request);
    return answers[what] ?? normally[what] ?? normally["PUT"] ?? {};
  });
  const { s3 } = createClients(readAwsSettings(emulatedEnvironment(server.endpoint, "mail")));
  const open = openBucket(s3, { bucket: "mail", endpoint: server.endpoint, now: Date.now });
  const { put, close } = createPutter({
    open,
    connect: connectByNode,
    now: Date.now,
    random: () => 0,
    pause: async () => pause(0),
  });
  after(close);
  after(server.close);
  const asked = () => server.asked.map(whatIsAsked);
  return { store: createStore({ client: s3, bucket: "mail", put }), s3, server, asked };
}

const large = (sizeBytes: number) => stream([Buffer.alloc(1000, 1), Buffer.alloc(sizeBytes - 1000, 2)]);

test("a stream of exactly one part is one PUT", async () => {
  const { store, server, asked } = await setUp({});
  await store.putStream("key", large(partSizeBytes), { contentType: "image/png" });
  assert.deepEqual(asked(), ["PUT"]);
  assert.equal(server.asked[0]?.body.length, partSizeBytes);
  assert.equal(server.asked[0].headers["content-type"], "image/png");
});

test("a stream one byte past a part is two parts, put together by number and checksum", async () => {
  const { store, server, asked } = await setUp({});
  await store.putStream("key", large(partSizeBytes + 1), {
    contentType: "image/png",
    metadata: { name: "big" },
  });
  assert.deepEqual(asked().toSorted(), ["POST uploadId", "POST uploads", "PUT 1", "PUT 2"]);
  const [created, first, second, completed] = ["POST uploads", "PUT 1", "PUT 2", "POST uploadId"].map(
    (what) => server.asked.find((request) => whatIsAsked(request) === what),
  );
  assert.equal(created?.headers["content-type"], "image/png");
  assert.equal(created.headers["x-amz-meta-name"], "big");
  assert.equal(created.headers["x-amz-checksum-algorithm"], "CRC32");
  assert.deepEqual([first?.body.length, second?.body.length], [partSizeBytes, 1]);
  const parts = [first, second].map(
    (part, index) =>
      `<Part><ETag>"tag"</ETag><ChecksumCRC32>${part?.headers["x-amz-checksum-crc32"]}</ChecksumCRC32><PartNumber>${index + 1}</PartNumber></Part>`,
  );
  assert.ok(
    String(completed?.body).replaceAll("&quot;", '"').includes(parts.join("")),
    String(completed?.body),
  );
});

const refused = {
  status: 403,
  body: "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
};

const failures: readonly (readonly [string, Record<string, Answer>, readonly string[], string])[] = [
  [
    "an upload that cannot begin",
    { "POST uploads": refused },
    ["POST uploads"],
    "s3 begin key: Access Denied",
  ],
  [
    "a first part that is refused",
    { "PUT 1": refused },
    ["POST uploads", "PUT 1", "PUT 2", "DELETE"],
    "s3 put key: 403 AccessDenied: Access Denied",
  ],
  [
    "a last part that is refused",
    { "PUT 3": refused },
    ["POST uploads", "PUT 1", "PUT 2", "PUT 3", "DELETE"],
    "s3 put key: 403 AccessDenied: Access Denied",
  ],
  [
    "a completion that is refused",
    { "POST uploadId": refused },
    ["POST uploads", "PUT 1", "PUT 2", "PUT 3", "POST uploadId", "DELETE"],
    "s3 complete key: Access Denied",
  ],
  [
    "a completion that S3 fails after its 200",
    { "POST uploadId": { body: "<Error><Code>InternalError</Code><Message>We failed.</Message></Error>" } },
    ["POST uploads", "PUT 1", "PUT 2", "PUT 3", ...Array(4).fill("POST uploadId"), "DELETE"],
    "s3 complete key: We failed.",
  ],
  [
    "an abort that fails as well",
    { "PUT 1": refused, DELETE: refused },
    ["POST uploads", "PUT 1", "PUT 2", "DELETE"],
    "s3 put key: 403 AccessDenied: Access Denied",
  ],
];

for (const [which, answers, expected, reason] of failures) {
  test(`${which} drops the parts and throws what went wrong`, async () => {
    const { store, asked } = await setUp(answers);
    const error: unknown = await store
      .putStream("key", large(2 * partSizeBytes + 1))
      .catch((thrown: unknown) => thrown);
    assert.equal(describeError(error), reason);
    assert.deepEqual(asked().toSorted(), expected.toSorted());
    assert.equal(asked().at(-1), expected.at(-1));
  });
}

test("a source that throws drops the parts, and its error comes out as it is", async () => {
  const { store, asked } = await setUp({});
  const gone = new Error("the client went away");
  async function* broken() {
    yield Buffer.alloc(partSizeBytes + 1);
    throw gone;
  }
  await assert.rejects(store.putStream("key", broken()), (error: unknown) => error === gone);
  assert.deepEqual(asked(), ["POST uploads", "PUT 1", "DELETE"]);
});

test("of a stream, two parts are in memory at most", async () => {
  const { s3 } = await setUp({});
  const chunkBytes = 512 * 1024;
  let pulledBytes = 0;
  let storedBytes = 0;
  let mostBytes = 0;
  async function* counted() {
    for (let count = 0; count < 60; count++) {
      pulledBytes += chunkBytes;
      mostBytes = Math.max(mostBytes, pulledBytes - storedBytes);
      yield Buffer.alloc(chunkBytes);
    }
  }
  const put: Putter["put"] = async ({ body }) => {
    await pause(5);
    storedBytes += Buffer.concat(body).length;
    return { kind: "stored", etag: "tag", crc32: "" };
  };
  await putStream(
    { key: "key", body: counted(), attributes: {}, ifAbsent: false },
    { client: s3, bucket: "mail", put },
  );
  assert.equal(storedBytes, 60 * chunkBytes);
  assert.ok(mostBytes <= 2 * partSizeBytes + chunkBytes, `${mostBytes}`);
});
