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

test("what goes wrong never names path or query, which may hold keys", async () => {
  const result = await postTo(await findClosedPort());
  assert.doesNotMatch(JSON.stringify(result), /hook|key=/);
});
