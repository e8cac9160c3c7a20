import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { again, attempt, check, delivered, type Expected } from "./attempt.ts";
import { findClosedPort, serve, serveTcp } from "./servers.ts";

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(code, headers).end();

const answers: readonly [string, RequestListener, Expected][] = [
  ["200 is delivered", status(200), delivered(200)],
  ["202 is delivered", status(202), delivered(202)],
  ["204 is delivered", status(204), delivered(204)],
  ["410 is a dead letter at once", status(410), { outcome: "dead" }],
  ["400 is tried again", status(400), again(400, "400")],
  ["401 is tried again", status(401), again(401, "401")],
  ["404 is tried again", status(404), again(404, "404")],
  ["500 is tried again", status(500), again(500, "500")],
  ["500 has no say in when", status(500, { "retry-after": "600" }), again(500, "500")],
  [
    "429 waits for the seconds that it asks for",
    status(429, { "retry-after": "120" }),
    again(429, "429", 120),
  ],
  [
    "503 waits for the seconds that it asks for",
    status(503, { "retry-after": "120" }),
    again(503, "503", 120),
  ],
  [
    "503 waits until the date that it asks for",
    status(503, { "retry-after": "Fri, 02 Jan 2026 03:14:05 GMT" }),
    again(503, "503", 600),
  ],
  ["429 for a week waits 12 hours", status(429, { "retry-after": "604800" }), again(429, "429", 43_200)],
  ["429 with no time keeps to the schedule", status(429), again(429, "429")],
  ["429 with nonsense keeps to the schedule", status(429, { "retry-after": "soon" }), again(429, "429")],
  ...[301, 302, 303, 307, 308].map((code): [string, RequestListener, Expected] => [
    `${code} is not followed`,
    ({ url }, response) =>
      void response.writeHead(url === "/hook" ? code : 200, { location: "/other" }).end(),
    again(code, `${code}: redirects are not followed`),
  ]),
];

for (const [sentence, listener, expected] of answers)
  test(`an endpoint that answers: ${sentence}`, async () => {
    await check(await serve(listener), expected);
  });

const endless: RequestListener = (_, response) => {
  const write = () => {
    while (!response.destroyed && response.write("x".repeat(65_536)));
  };
  response.writeHead(500).on("drain", write);
  write();
};

const bomb = gzipSync(Buffer.alloc(10_000_000));

const bodies: readonly [string, RequestListener, Expected, string | null | undefined][] = [
  [
    "what a 2xx says is nobody's business",
    (_, response) => void response.end("thanks"),
    delivered(200),
    undefined,
  ],
  ["an answer without end is read no further than 16 KB", endless, again(500, "500"), "x".repeat(1_000)],
  [
    "a compressed answer is not unpacked",
    (_, response) => void response.writeHead(500, { "content-encoding": "gzip" }).end(bomb),
    again(500, "500"),
    undefined,
  ],
  [
    "a 200 whose body drips past the timeout is delivered",
    (_, response) => void response.writeHead(200).write("a"),
    delivered(200),
    undefined,
  ],
  [
    "a 500 whose body drips past the timeout is a 500",
    (_, response) => void response.writeHead(500).write("a"),
    again(500, "500"),
    "a",
  ],
  [
    "a 500 whose body breaks is a 500",
    (_, response) =>
      void response.writeHead(500, { "content-length": 10 }).write("a", () => response.destroy()),
    again(500, "500"),
    undefined,
  ],
];

for (const [sentence, listener, expected, answer] of bodies)
  test(`an answer's body: ${sentence}`, async () => {
    const found = await check(await serve(listener), expected, { timeoutMs: 300 });
    if (answer !== undefined) assert.equal(found, answer);
  });

/** Sends the same again and again until the connection ends. */
const drip = (octets: string) => (socket: Socket) => {
  const timer = setInterval(() => socket.write(octets), 20);
  socket.on("close", () => clearInterval(timer));
};

const sockets: readonly [string, (socket: Socket) => void, RegExp][] = [
  ["silence is a timeout", () => undefined, /^timeout: /],
  ["a status line that drips is a timeout", drip("H"), /^(timeout|bad-answer): /],
  [
    "a header that drips is a timeout",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      drip("X-A: b\r\n")(socket);
    },
    /^timeout: /,
  ],
  ["interim answers without end are a timeout", drip("HTTP/1.1 103 Early Hints\r\n\r\n"), /^timeout: /],
  [
    "what is no HTTP is a bad answer",
    (socket) => void socket.write("220 mx.test ESMTP\r\n"),
    /^bad-answer: /,
  ],
  [
    "a header without end is a bad answer",
    (socket) => void socket.write(`HTTP/1.1 200 OK\r\nX-A: ${"b".repeat(100_000)}`),
    /^bad-answer: /,
  ],
  [
    "a connection that ends before the answer is lost",
    (socket) => void socket.once("data", () => socket.destroy()),
    /^connection-lost: /,
  ],
  [
    "one that is reset is lost",
    (socket) => void socket.once("data", () => socket.resetAndDestroy()),
    /^connection-lost: /,
  ],
];

for (const [sentence, onSocket, reason] of sockets)
  test(`an endpoint without an answer: ${sentence}`, async () => {
    await check(await serveTcp(onSocket), reason, { timeoutMs: 300 });
  });

test("an endpoint without an answer: nobody listens", async () => {
  const { event } = await attempt(`http://127.0.0.1:${await findClosedPort()}/`);
  assert.match(String(event.reason), /^unreachable: /);
});
