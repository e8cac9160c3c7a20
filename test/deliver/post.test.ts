import assert from "node:assert/strict";
import { test } from "node:test";
import { answerMaxBytes, createPost } from "../../functions/deliver/post.ts";
import type { PostRequest, PostResult } from "../../functions/mail/ports.ts";
import { findClosedPort, requestTo, serve } from "./servers.ts";

const post = createPost();
const postTo = (port: number, changes: Partial<PostRequest> = {}) =>
  post(requestTo(`http://127.0.0.1:${port}/hook?key=1`, changes));

test("a POST arrives as it was made", async () => {
  const seen: unknown[] = [];
  await using server = await serve(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    seen.push(
      request.method,
      request.url,
      request.headers["content-type"],
      request.headers["webhook-id"],
      body,
    );
    response.writeHead(204).end();
  });
  assert.deepEqual(await postTo(server.port), { kind: "answer", status: 204, retryAfter: null, excerpt: "" });
  assert.deepEqual(seen, ["POST", "/hook?key=1", "application/json", "msg_1", '{"a":"ü"}']);
});

const answerRows: readonly [
  string,
  number,
  Record<string, string | string[]>,
  string,
  Partial<PostResult>,
][] = [
  ["503 with two Retry-After", 503, { "retry-after": ["1", "2"] }, "", { retryAfter: "1" }],
  ["500", 500, {}, "<h1>Oops", { status: 500, excerpt: "<h1>Oops" }],
];

for (const [sentence, status, headers, body, expected] of answerRows)
  test(`${sentence} is an answer`, async () => {
    await using server = await serve((_, response) => void response.writeHead(status, headers).end(body));
    assert.partialDeepStrictEqual(await postTo(server.port), { kind: "answer", ...expected });
  });

for (const [sentence, sizeBytes] of [
  ["an answer of the most that is read comes whole", answerMaxBytes],
  ["one byte more is cut", answerMaxBytes + 1],
] as const)
  test(sentence, async () => {
    await using server = await serve((_, response) => void response.end("x".repeat(sizeBytes)));
    assert.partialDeepStrictEqual(await postTo(server.port), {
      status: 200,
      excerpt: "x".repeat(answerMaxBytes),
    });
  });

test("of an endless answer no more is taken than fills the buffers", async () => {
  let sentBytes = 0;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using server = await serve((_, response) => {
    const write = () => {
      while (!response.destroyed && response.write(chunk)) sentBytes += chunk.length;
    };
    response.on("drain", write).on("close", resolve);
    write();
  });
  assert.partialDeepStrictEqual(await postTo(server.port), {
    status: 200,
    excerpt: "x".repeat(answerMaxBytes),
  });
  await closed;
  assert.ok(sentBytes < 64 * 1024 * 1024);
});

const chunk = Buffer.alloc(64 * 1024, "x");

test("who answers before a body's end gets no more of it than fills the buffers", async () => {
  let readBytes = 0;
  const open = async function* () {
    for (;;) {
      yield chunk;
      readBytes += chunk.length;
    }
  };
  await using server = await serve((_, response) => void response.writeHead(413).end("too much"));
  const body = { sizeBytes: Number.MAX_SAFE_INTEGER, open };
  assert.partialDeepStrictEqual(await postTo(server.port, { body }), { status: 413, excerpt: "too much" });
  assert.ok(readBytes < 64 * 1024 * 1024);
});

test("a body that breaks off is told, and the receiver never sees a whole one", async () => {
  const arrived = Promise.withResolvers<void>();
  const broken = Promise.withResolvers<boolean>();
  await using server = await serve((request) => {
    request.on("error", () => undefined).on("close", () => broken.resolve(!request.complete));
    request.resume();
    arrived.resolve();
  });
  const open = async function* () {
    yield chunk;
    await arrived.promise;
    throw new Error("attachments/1: no such object");
  };
  const body = { sizeBytes: 2 * chunk.length, open };
  assert.deepEqual(await postTo(server.port, { body }), {
    kind: "error",
    code: "failed",
    detail: "attachments/1: no such object",
  });
  assert.equal(await broken.promise, true);
});

test("an https URL in capitals is one", async () => {
  await using server = await serve((_, response) => void response.end());
  const result = await post(requestTo(`HTTPS://127.0.0.1:${server.port}/`));
  assert.partialDeepStrictEqual(result, { kind: "error", code: "tls" });
});

test("what goes wrong never names path or query, which may hold keys", async () => {
  const result = await postTo(await findClosedPort());
  assert.doesNotMatch(JSON.stringify(result), /hook|key=/);
});
