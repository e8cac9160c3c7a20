import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type RequestOptions, request } from "node:http";
import { after, before, test } from "node:test";
import { text } from "../../infra/local/http/answer.ts";
import { html } from "../../infra/local/http/html.ts";
import { createObjectRoute } from "../../infra/local/http/objects.ts";
import { bodyMaxSizeBytes, createHttpServer } from "../../infra/local/http/server.ts";
import { createSink, createSinkRoute, sinkMaxDeliveries, sinkSlowMs } from "../../infra/local/http/sink.ts";
import { listen } from "../../infra/local/listen.ts";
import { createObjectUrls } from "../../infra/local/object-urls.ts";
import { createMemoryStore } from "../support/memory-store.ts";

const nowMs = Date.parse("2026-01-02T03:04:05Z");
const now = () => nowMs;
const secrets = () => ["secret"];
const sign = (own: readonly string[], id: string, at: number, body: string) =>
  own.map((secret) => `v1,${secret}-${id}-${at}-${body.length}`).join(" ");

const store = createMemoryStore();
const urls = createObjectUrls(() => origin, randomBytes(32));
const sink = createSink({ secrets, sign, now });
const waits: number[] = [];
const server = createHttpServer([
  { method: "GET", path: "/", handle: () => text(200, "here") },
  { method: "POST", path: "/bug", handle: () => Promise.reject(new Error("a secret")) },
  createSinkRoute(sink, async (delayMs) => void waits.push(delayMs)),
  createObjectRoute({ store, urls, now }),
]);
let origin = "";

before(async () => {
  await store.put("raw/aa/mail.eml", [Buffer.from("<script>alert(1)</script>")]);
  origin = `http://127.0.0.1:${await listen(server, "127.0.0.1", 0)}`;
});
after(() => server.close());

/** Sends what `fetch` would tidy up: paths and Host as they are. */
async function ask(path: string, options: RequestOptions & { body?: string } = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const { hostname, port } = new URL(origin);
  const sent = request({ hostname, port, path, agent: false, ...options }, async (response) => {
    const body = Buffer.concat(await Array.fromAsync(response)).toString();
    resolve({ status: response.statusCode ?? 0, body });
  });
  sent.on("error", reject).end(options.body);
  return promise;
}

function webhook(body: string, overrides: Record<string, string> = {}) {
  const id = overrides["webhook-id"] ?? "msg_1";
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": "1767323045",
    "webhook-signature": sign(secrets(), id, 1767323045, body),
    ...overrides,
  };
  return { method: "POST", body, headers };
}

const rows: readonly [string, string, RequestOptions & { body?: string }, number][] = [
  ["what has a route is there", "/", {}, 200],
  ["no other path is there", "/etc/passwd", {}, 404],
  ["a wrong method is told so", "/", { method: "DELETE" }, 405],
  ["a foreign host name is refused (DNS rebinding)", "/", { headers: { host: "evil.example" } }, 421],
  [
    "a host name that only begins like a loopback one is refused",
    "/",
    { headers: { host: "127.0.0.1.evil.example" } },
    421,
  ],
  [
    "a POST of a page from elsewhere is refused",
    "/sink/inbox",
    { ...webhook("{}"), headers: { ...webhook("{}").headers, origin: "http://evil.example" } },
    403,
  ],
  [
    "a POST of a page on another port is refused",
    "/sink/inbox",
    { ...webhook("{}"), headers: { ...webhook("{}").headers, "sec-fetch-site": "same-site" } },
    403,
  ],
  ["a POST of a sandboxed page is refused", "/bug", { method: "POST", headers: { origin: "null" } }, 403],
  ["a bug is told without its words", "/bug", { method: "POST" }, 500],
  ["localhost is a loopback name", "/", { headers: { host: "localhost:8025" } }, 200],
  ["a signed webhook is taken", "/sink/inbox", webhook("{}"), 204],
  [
    "a webhook with a wrong signature is refused",
    "/sink/inbox",
    webhook("{}", { "webhook-signature": "v1,no" }),
    401,
  ],
  ["a webhook without a signature is refused", "/sink/inbox", { method: "POST", body: "{}" }, 401],
  ["an empty signature is refused", "/sink/inbox", webhook("{}", { "webhook-signature": "" }), 401],
  ["a body that is not JSON is refused", "/sink/inbox", webhook("no"), 400],
  [
    "a body at the limit is read",
    "/sink/inbox",
    webhook(JSON.stringify("x".repeat(bodyMaxSizeBytes - 2))),
    204,
  ],
  [
    "a body past the limit is refused",
    "/sink/inbox",
    webhook(JSON.stringify("x".repeat(bodyMaxSizeBytes - 1))),
    413,
  ],
  ["an object without a signature stays closed", "/objects/raw/aa/mail.eml", {}, 403],
  ["a key that cannot be decoded is none", "/objects/%ff", {}, 404],
];
for (const [name, path, options, status] of rows) {
  test(name, async () => assert.equal((await ask(path, options)).status, status));
}

const objects: readonly [string, string, number, number][] = [
  ["a signed URL gives the object", "raw/aa/mail.eml", nowMs + 1, 200],
  ["an expired URL gives nothing", "raw/aa/mail.eml", nowMs, 403],
  ["a signed URL of an object that is gone says so", "raw/aa/gone.eml", nowMs + 1, 404],
];
for (const [name, key, expiresAtMs, status] of objects) {
  test(name, async () => assert.equal((await fetch(await urls.sign(key, expiresAtMs))).status, status));
}

test("a signature does not open another object, nor last longer than it says", async () => {
  const url = await urls.sign("raw/aa/mail.eml", nowMs + 1);
  assert.equal((await fetch(url.replace("mail.eml", "other.eml"))).status, 403);
  assert.equal((await fetch(url.replace(/expires=\d+/, "expires=9999999999999"))).status, 403);
});

test("a browser saves an object and never shows it", async () => {
  const response = await fetch(await urls.sign("raw/aa/mail.eml", nowMs + 1));
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  assert.equal(response.headers.get("content-disposition"), "attachment; filename*=UTF-8''mail.eml");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.equal(await response.text(), "<script>alert(1)</script>");
});

test("an idle connection is the client's to end, so that no POST meets one that is just closed", async () => {
  const { headers } = await fetch(origin);
  assert.deepEqual([headers.get("connection"), headers.get("keep-alive")], ["keep-alive", null]);
});

test("a page of this origin may post", async () => {
  const { headers, ...rest } = webhook("{}");
  const { host } = new URL(origin);
  const sent = { ...rest, headers: { ...headers, host, origin, "sec-fetch-site": "same-origin" } };
  assert.equal((await ask("/sink/inbox", sent)).status, 204);
});

const behaviours = [
  ["ok", 204, 0],
  ["gone", 410, 0],
  ["busy", 429, 0],
  ["error", 500, 0],
  ["slow", 204, 1],
] as const;
for (const [behaviour, status, times] of behaviours) {
  test(`told to be ${behaviour}, the sink answers ${status}`, async () => {
    waits.length = 0;
    sink.behave("moody", behaviour);
    const before = sink.deliveries().length;
    const sent = webhook("{}", { "webhook-id": `msg_${behaviour}` });
    assert.equal((await ask("/sink/moody", sent)).status, status);
    assert.deepEqual(waits, Array(times).fill(sinkSlowMs));
    assert.equal(sink.deliveries().length - before, status === 204 ? 1 : 0);
  });
}

test("a template escapes all that did not come out of a template", () => {
  const hostile = `<script>alert("1")</script>'\``;
  assert.equal(
    html`<p title="${hostile}">${[html`<b>${1}</b>`, null, false]}</p>`.text,
    '<p title="&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#96;"><b>1</b></p>',
  );
});

test("the same webhook-id is one delivery, and the oldest of too many goes", () => {
  const own = createSink({ secrets, sign, now });
  const take = (id: string) => own.take("inbox", webhook("{}", { "webhook-id": id }).headers, "{}");
  for (let n = 0; n < sinkMaxDeliveries; n += 1) take(`msg_${n}`);
  take("msg_0");
  assert.equal(own.deliveries().length, sinkMaxDeliveries);
  assert.equal(own.deliveries()[0]?.webhookId, "msg_0");
  take("msg_new");
  assert.equal(own.deliveries().length, sinkMaxDeliveries);
  assert.ok(!own.deliveries().some(({ webhookId }) => webhookId === "msg_1"));
});
