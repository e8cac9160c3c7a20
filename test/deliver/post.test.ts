import assert from "node:assert/strict";
import { test } from "node:test";
import { answerMaxBytes, createPost } from "../../functions/deliver/post.ts";
import type { PostRequest, PostResult } from "../../functions/mail/ports.ts";
import { findClosedPort, requestTo, serve, serveTcp } from "./servers.ts";

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
  ["200 with a body", 200, {}, "ok", { status: 200, retryAfter: null, excerpt: "ok" }],
  ["410", 410, {}, "gone", { status: 410, excerpt: "gone" }],
  ["429 with Retry-After", 429, { "retry-after": "120" }, "", { status: 429, retryAfter: "120" }],
  [
    "503 with a date",
    503,
    { "retry-after": "Fri, 02 Jan 2026 03:14:05 GMT" },
    "",
    { retryAfter: "Fri, 02 Jan 2026 03:14:05 GMT" },
  ],
  ["503 with two Retry-After", 503, { "retry-after": ["1", "2"] }, "", { retryAfter: "1" }],
  ["500", 500, {}, "<h1>Oops", { status: 500, excerpt: "<h1>Oops" }],
];

for (const [sentence, status, headers, body, expected] of answerRows)
  test(`${sentence} is an answer`, async () => {
    await using server = await serve((_, response) => void response.writeHead(status, headers).end(body));
    assert.partialDeepStrictEqual(await postTo(server.port), { kind: "answer", ...expected });
  });

test("a redirect is an answer, and is not followed", async () => {
  let count = 0;
  await using server = await serve((_, response) => {
    count++;
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  assert.partialDeepStrictEqual(await postTo(server.port), { kind: "answer", status: 302 });
  assert.equal(count, 1);
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
  const chunk = Buffer.alloc(64 * 1024, "x");
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

test("a body that drips past the timeout is an answer, cut short", async () => {
  await using server = await serve((_, response) => {
    response.writeHead(200).write("a");
  });
  const result = await postTo(server.port, { timeoutMs: 200 });
  assert.deepEqual(result, { kind: "answer", status: 200, retryAfter: null, excerpt: "a" });
});

test("a body that breaks is an answer, cut short", async () => {
  await using server = await serve((_, response) => {
    response.writeHead(500, { "content-length": 10 }).write("a", () => response.destroy());
  });
  assert.partialDeepStrictEqual(await postTo(server.port), { kind: "answer", status: 500 });
});

test("a port where nobody listens is unreachable", async () => {
  assert.partialDeepStrictEqual(await postTo(await findClosedPort()), { kind: "error", code: "unreachable" });
});

for (const [sentence, bytes, expected] of [
  ["silence is a timeout", "", "timeout"],
  ["a header that drips past the timeout is a timeout", "HTTP/1.1 200 OK\r\nX-A: b\r\n", "timeout"],
  ["what is no HTTP is a bad answer", "220 mx.test ESMTP\r\n", "bad-answer"],
  ["a header without end is a bad answer", `HTTP/1.1 200 OK\r\nX-A: ${"b".repeat(100_000)}`, "bad-answer"],
] as const)
  test(sentence, async () => {
    await using server = await serveTcp((socket) => void socket.write(bytes));
    const timeoutMs = expected === "timeout" ? 200 : 5_000;
    assert.partialDeepStrictEqual(await postTo(server.port, { timeoutMs }), {
      kind: "error",
      code: expected,
    });
  });

test("a connection that closes without an answer is lost", async () => {
  await using server = await serveTcp((socket) => void socket.once("data", () => socket.destroy()));
  assert.partialDeepStrictEqual(await postTo(server.port), { kind: "error", code: "connection-lost" });
});

test("what goes wrong never names path or query, which may hold keys", async () => {
  const result = await postTo(await findClosedPort());
  assert.doesNotMatch(JSON.stringify(result), /hook|key=/);
});
