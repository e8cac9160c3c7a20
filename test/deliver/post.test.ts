import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer, type LookupFunction, type Server } from "node:net";
import { test } from "node:test";
import { generate } from "selfsigned";
import { answerMaxBytes, createPost } from "../../functions/deliver/post.ts";
import type { PostRequest } from "../../functions/mail/ports.ts";

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listen(server: Server & { closeAllConnections?(): void }): Promise<Listening> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections?.();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const serve = (onRequest: RequestListener) => listen(createServer(onRequest));

const requestTo = (url: string, changes: Partial<PostRequest> = {}): PostRequest => ({
  url,
  headers: { "content-type": "application/json", "webhook-id": "msg_1" },
  body: '{"a":"ü"}',
  timeoutMs: 5_000,
  allowPrivateAddress: true,
  ...changes,
});

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

for (const [sentence, status, headers, body, expected] of [
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
] as const)
  test(`${sentence} is an answer`, async () => {
    await using server = await serve(
      (_, response) => void response.writeHead(status, { ...headers }).end(body),
    );
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

const refusedPort = await (async () => {
  await using server = await listen(createTcpServer());
  return server.port;
})();

test("a port where nobody listens is unreachable", async () => {
  assert.partialDeepStrictEqual(await postTo(refusedPort), { kind: "error", code: "unreachable" });
});

for (const [sentence, bytes, expected] of [
  ["silence is a timeout", "", "timeout"],
  ["a header that drips past the timeout is a timeout", "HTTP/1.1 200 OK\r\nX-A: b\r\n", "timeout"],
  ["what is no HTTP is a bad answer", "220 mx.test ESMTP\r\n", "bad-answer"],
  ["a header without end is a bad answer", `HTTP/1.1 200 OK\r\nX-A: ${"b".repeat(100_000)}`, "bad-answer"],
] as const)
  test(sentence, async () => {
    await using server = await listen(
      createTcpServer((socket) => void socket.on("error", () => undefined).write(bytes)),
    );
    const timeoutMs = expected === "timeout" ? 200 : 5_000;
    assert.partialDeepStrictEqual(await postTo(server.port, { timeoutMs }), {
      kind: "error",
      code: expected,
    });
    assert.ok(true);
  });

test("a connection that closes without an answer is lost", async () => {
  await using server = await listen(
    createTcpServer((socket) => socket.on("error", () => undefined).once("data", () => socket.destroy())),
  );
  assert.partialDeepStrictEqual(await postTo(server.port), { kind: "error", code: "connection-lost" });
});

for (const [sentence, url, allowPrivateAddress, code] of [
  ["what is no URL", "app.example.com", true, "bad-url"],
  ["another protocol", "ftp://app.example.com/", true, "bad-url"],
  ["http", "http://app.example.com/", false, "https-required"],
  ["a loopback address", "https://127.0.0.1/", false, "private-address"],
  ["a decimal address", "https://2130706433/", false, "private-address"],
  ["an octal address", "https://0177.0.0.1/", false, "private-address"],
  ["a hexadecimal address", "https://0x7f.1/", false, "private-address"],
  ["a short address", "https://127.1/", false, "private-address"],
  ["an address with a dot behind", "https://127.0.0.1./", false, "private-address"],
  ["the metadata address", "https://169.254.169.254/latest/meta-data", false, "private-address"],
  ["an IPv6 loopback address", "https://[::1]/", false, "private-address"],
  ["a mapped loopback address", "https://[::ffff:127.0.0.1]/", false, "private-address"],
  ["an address in full-width digits", "https://１２７.0.0.1/", false, "private-address"],
  ["localhost", "https://localhost/", false, "private-address"],
] as const)
  test(`${sentence} is refused`, async () => {
    assert.partialDeepStrictEqual(await post(requestTo(url, { allowPrivateAddress })), {
      kind: "error",
      code,
    });
  });

/** A lookup that answers from a table, and counts. */
function lookupOf(answers: readonly string[][]) {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _, callback) => {
    const addresses = answers[Math.min(asked.push(hostname), answers.length) - 1] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return { lookup, asked };
}

for (const [sentence, addresses] of [
  ["a private address", ["10.0.0.1"]],
  ["a public and a private address", ["1.1.1.1", "10.0.0.1"]],
  ["a public address and IPv6 loopback", ["1.1.1.1", "::1"]],
  ["the metadata address, embedded", ["64:ff9b::a9fe:a9fe"]],
] as const)
  test(`a name with ${sentence} is refused`, async () => {
    const { lookup } = lookupOf([[...addresses]]);
    const result = await createPost({ lookup })(
      requestTo("https://app.test/", { allowPrivateAddress: false }),
    );
    assert.partialDeepStrictEqual(result, { kind: "error", code: "private-address" });
  });

test("a name is looked up once, by the connection itself: a second answer comes too late", async () => {
  const { lookup, asked } = lookupOf([["127.0.0.1"], ["1.1.1.1"]]);
  const result = await createPost({ lookup })(requestTo("https://app.test/", { allowPrivateAddress: false }));
  assert.partialDeepStrictEqual(result, { kind: "error", code: "private-address" });
  assert.deepEqual(asked, ["app.test"]);
});

test("a connection to a private address is not lent to a request that may not have one", async () => {
  await using server = await serve((_, response) => void response.end());
  const { lookup } = lookupOf([["127.0.0.1"]]);
  const both = createPost({ lookup });
  const url = `http://app.test:${server.port}/`;
  assert.partialDeepStrictEqual(await both(requestTo(url)), { status: 200 });
  const refused = await both(requestTo(url.replace("http:", "https:"), { allowPrivateAddress: false }));
  assert.partialDeepStrictEqual(refused, { code: "private-address" });
});

test("a name that does not exist is a matter of DNS", async () => {
  const lookup: LookupFunction = (hostname, _, callback) =>
    callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND" }), []);
  const result = await createPost({ lookup })(requestTo("https://app.test/", { allowPrivateAddress: false }));
  assert.partialDeepStrictEqual(result, { kind: "error", code: "dns" });
});

const { private: key, cert } = await generate([{ name: "commonName", value: "app.test" }], {
  keySize: 2048,
  extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "app.test" }] }],
});
const tlsServer = () => listen(createTlsServer({ key, cert }, (_, response) => void response.end("ok")));

for (const [sentence, host, ca, expected] of [
  [
    "a certificate that is trusted is sent to",
    "app.test",
    cert,
    { kind: "answer", status: 200, excerpt: "ok" },
  ],
  ["a certificate that nobody signed is refused", "app.test", undefined, { kind: "error", code: "tls" }],
  ["a certificate of another name is refused", "other.test", cert, { kind: "error", code: "tls" }],
] as const)
  test(sentence, async () => {
    await using server = await tlsServer();
    const { lookup } = lookupOf([["127.0.0.1"]]);
    const secure = createPost({ lookup, ...(ca === undefined ? {} : { ca }) });
    assert.partialDeepStrictEqual(await secure(requestTo(`https://${host}:${server.port}/`)), expected);
  });

test("a port that speaks no TLS is a matter of TLS", async () => {
  await using server = await serve((_, response) => void response.end());
  const result = await post(requestTo(`https://127.0.0.1:${server.port}/`));
  assert.partialDeepStrictEqual(result, { kind: "error", code: "tls" });
});

test("what goes wrong never names path or query, which may hold keys", async () => {
  const result = await postTo(refusedPort);
  assert.doesNotMatch(JSON.stringify(result), /hook|key=/);
});
