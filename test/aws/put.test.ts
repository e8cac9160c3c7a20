import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import { crc32 } from "node:zlib";
import type { Bucket } from "../../functions/aws/bucket.ts";
import { type ConnectPut, createPutter, type PutLimits, putLimits } from "../../functions/aws/put.ts";
import { connectByNode } from "../../functions/aws/put-by-node.ts";
import { connectByUndici } from "../../functions/aws/put-by-undici.ts";
import { joinedMaxBytes } from "../../functions/aws/request-body.ts";
import { authorize, encodePath } from "../../functions/aws/sigv4.ts";
import { describeError } from "../../functions/mail/errors.ts";
import { type Answer, type Asked, startScripted } from "./scripted.ts";

const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "a secret" };

interface Run {
  readonly limits?: Partial<PutLimits>;
  readonly bucket?: Partial<Bucket>;
}

const clients = { undici: connectByUndici, Node: connectByNode };

/** A test for each of the clients that PUTs travel by. */
function testEach(name: string, run: (setUp: SetUp) => Promise<void>): void {
  for (const [client, connect] of Object.entries(clients)) {
    test(`${name}, by ${client}`, async () =>
      run(async (answer, options) => start(connect, answer, options)));
  }
}

type Script = (asked: Asked, count: number) => Answer;
type SetUp = (answer: Script, options?: Run) => ReturnType<typeof start>;

async function start(connect: ConnectPut, answer: Script, { limits, bucket }: Run = {}) {
  const server = await startScripted(answer);
  const pausesMs: number[] = [];
  const putter = createPutter(
    {
      open: async () => ({
        region: "eu-west-1",
        origin: server.endpoint,
        host: new URL(server.endpoint).host,
        isTls: false,
        credentials,
        pathOf: (key) => `/mail${encodePath(key)}`,
        ...bucket,
      }),
      connect: (opened, bounds) => connect({ ...opened, isTls: false }, bounds),
      now: () => Date.UTC(2026, 0, 1),
      random: () => 0.5,
      pause: async (ms) => void pausesMs.push(ms),
    },
    { ...putLimits, ...limits },
  );
  after(putter.close);
  after(server.close);
  return { ...putter, server, pausesMs };
}

const request = (body: readonly Uint8Array[], headers: Record<string, string> = {}) => ({
  key: "raw/ab/a b.eml",
  headers,
  body,
});

/** Signs what arrived once more, from nothing but what arrived. */
function assertSigned({ method, url, headers }: Asked): void {
  const { authorization = "" } = headers;
  const [path = "", query = ""] = url.split("?");
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? [];
  const again = authorize(
    {
      method,
      path,
      query,
      headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
      payloadHash: String(headers["x-amz-content-sha256"]),
    },
    { credentials, region: "eu-west-1", date: String(headers["x-amz-date"]) },
  );
  assert.equal(authorization, again);
}

const bodies = [
  ["no bytes", []],
  ["one chunk", [Buffer.from("one")]],
  ["a few chunks, an empty one among them", [Buffer.from("one "), Buffer.alloc(0), Buffer.from("two")]],
  ["as much as is joined", [Buffer.alloc(1, 1), Buffer.alloc(joinedMaxBytes - 1, 2)]],
  ["a byte more than is joined", [Buffer.alloc(1, 1), Buffer.alloc(joinedMaxBytes, 2)]],
  ["many small chunks of a large body", Array.from({ length: 500 }, (_, index) => Buffer.alloc(1000, index))],
  ["many small chunks", Array.from({ length: 500 }, (_, index) => Buffer.from(`${index},`))],
  [
    "more large chunks than a socket takes at once",
    Array.from({ length: 20 }, () => Buffer.alloc(100_000, 7)),
  ],
] as const;

for (const [name, body] of bodies) {
  testEach(`${name}: the bytes arrive with their length and both their checksums`, async (setUp) => {
    const { put, server } = await setUp(() => ({ headers: { etag: '"tag"' } }));
    const bytes = Buffer.concat(body);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(bytes));
    const stored = { kind: "stored", etag: '"tag"', crc32: checksum.toString("base64") };
    assert.deepEqual(await put(request(body)), stored);
    const [asked] = server.asked;
    assert.ok(asked);
    assertSigned(asked);
    assert.deepEqual(asked.body, bytes);
    assert.equal(asked.headers["content-length"], String(bytes.length));
    assert.equal(asked.headers["x-amz-checksum-crc32"], stored.crc32);
    assert.equal(asked.headers["x-amz-content-sha256"], createHash("sha256").update(bytes).digest("hex"));
  });
}

testEach("a key is escaped, a query follows, and what is asked for is signed", async (setUp) => {
  const { put, server } = await setUp(() => ({}));
  const query = { uploadId: "a/b", partNumber: "7" };
  await put({ ...request([], { "if-none-match": "*", "x-amz-meta-n": "1" }), query });
  const [asked] = server.asked;
  assert.ok(asked);
  assertSigned(asked);
  assert.equal(asked.method, "PUT");
  assert.equal(asked.url, "/mail/raw/ab/a%20b.eml?partNumber=7&uploadId=a%2Fb");
  assert.equal(asked.headers["if-none-match"], "*");
  assert.match(
    String(asked.headers.authorization),
    /SignedHeaders=host;if-none-match;x-amz-checksum-crc32;x-amz-content-sha256;x-amz-date;x-amz-meta-n, /,
  );
});

testEach("over TLS the body is not hashed a second time", async (setUp) => {
  const { put, server } = await setUp(() => ({}), { bucket: { isTls: true } });
  await put(request([Buffer.from("body")]));
  assert.equal(server.asked[0]?.headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
});

testEach("a session's token is sent and signed", async (setUp) => {
  const { put, server } = await setUp(() => ({}), {
    bucket: { credentials: { ...credentials, sessionToken: "token" } },
  });
  await put(request([]));
  assert.equal(server.asked[0]?.headers["x-amz-security-token"], "token");
  assert.match(String(server.asked[0]?.headers.authorization), /;x-amz-security-token, /);
});

testEach("connections are kept", async (setUp) => {
  const { put, server } = await setUp(() => ({}));
  for (let count = 0; count < 10; count++) await put(request([Buffer.from("body")]));
  assert.ok(server.connections() <= 2);
});

testEach("no more connections than the limit are made", async (setUp) => {
  const { put, server } = await setUp(() => ({}), { limits: { connectionsMax: 2 } });
  await Promise.all(Array.from({ length: 20 }, async () => put(request([Buffer.from("body")]))));
  assert.equal(server.connections(), 2);
});

testEach(
  "throttling and broken connections are tried again, later and later, with the same body",
  async (setUp) => {
    const script: Answer[] = [{ status: 503 }, "reset", { status: 500 }];
    const { put, server, pausesMs } = await setUp((_asked, count) => script[count] ?? {});
    assert.equal((await put(request([Buffer.from("bo"), Buffer.from("dy")]))).kind, "stored");
    assert.deepEqual(
      server.asked.map(({ body }) => body.toString()),
      Array(4).fill("body"),
    );
    assert.deepEqual(pausesMs, [25, 50, 100]);
  },
);

testEach("a store that says nothing is asked again after the stall timeout", async (setUp) => {
  const { put, server } = await setUp((_asked, count) => (count === 0 ? "silence" : {}), {
    limits: { stallTimeoutMs: 50 },
  });
  assert.equal((await put(request([Buffer.from("body")]))).kind, "stored");
  assert.equal(server.asked.length, 2);
});

testEach(
  "bodies under way at once do not share memory, nor do those that were refused before",
  async (setUp) => {
    const { put, server } = await setUp((_asked, count) => (count % 3 === 0 ? { status: 403 } : {}));
    const bodies = Array.from({ length: 60 }, (_, index) => [
      Buffer.from(`${index}:`),
      Buffer.alloc(20_000, index),
    ]);
    await Promise.allSettled(bodies.map(async (body) => put(request(body))));
    await Promise.allSettled(bodies.map(async (body) => put(request(body))));
    const sent = bodies.flatMap((body) => [Buffer.concat(body), Buffer.concat(body)]);
    assert.deepEqual(
      server.asked.map(({ body }) => body).toSorted(Buffer.compare),
      sent.toSorted(Buffer.compare),
    );
  },
);

testEach("an object that is there already is no error", async (setUp) => {
  const { put } = await setUp(() => ({ status: 412 }));
  assert.deepEqual(await put(request([], { "if-none-match": "*" })), { kind: "exists" });
});

testEach("a refusal throws at once, with the key and the reason and nothing secret", async (setUp) => {
  const body =
    "<Error><Code>SignatureDoesNotMatch</Code><Message>Check your key.</Message>" +
    "<StringToSign>AWS4</StringToSign><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId></Error>";
  const { put, server } = await setUp(() => ({ status: 403, body }));
  const error: unknown = await put(request([])).catch((thrown: unknown) => thrown);
  assert.equal(describeError(error), "s3 put raw/ab/a b.eml: 403 SignatureDoesNotMatch: Check your key.");
  assert.equal(server.asked.length, 1);
});

testEach("at the deadline it gives up, and says how often it tried and what it met last", async (setUp) => {
  const { put } = await setUp(() => ({ status: 503 }), { limits: { deadlineMs: 100 } });
  const error: unknown = await put(request([])).catch((thrown: unknown) => thrown);
  assert.match(describeError(error), /^s3 put raw\/ab\/a b\.eml: gave up after 100 ms, attempt \d+: .+$/);
});

testEach("the deadline also ends a wait for an answer", async (setUp) => {
  const { put } = await setUp(() => "silence", { limits: { deadlineMs: 50 } });
  const error: unknown = await put(request([])).catch((thrown: unknown) => thrown);
  assert.match(describeError(error), /gave up after 50 ms, attempt 1: .+$/);
});

testEach("an answer over its limit is not read", async (setUp) => {
  const answer = { status: 403, body: "x".repeat(putLimits.answerMaxBytes + 1) };
  const { put } = await setUp((_asked, count) => (count === 0 ? answer : {}));
  assert.equal((await put(request([]))).kind, "stored");
});

testEach("an answer at its limit is read", async (setUp) => {
  const { put } = await setUp(() => ({ status: 403, body: "x".repeat(putLimits.answerMaxBytes) }));
  await assert.rejects(put(request([])), { cause: new Error("403") });
});

test("a bucket that cannot be opened throws", async () => {
  const cause = new Error("Region is missing");
  const open = async () => Promise.reject(cause);
  const { put } = createPutter({
    open,
    connect: connectByNode,
    now: Date.now,
    random: Math.random,
    pause: async () => {},
  });
  await assert.rejects(put(request([])), { message: "s3 put raw/ab/a b.eml", cause });
});
