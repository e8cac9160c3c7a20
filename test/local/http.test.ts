import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type RequestOptions, request } from "node:http";
import { after, before, test } from "node:test";
import { createHttpServer, sinkBodyMaxSizeBytes } from "../../infra/local/http/server.ts";
import { createSink, sinkMaxDeliveries } from "../../infra/local/http/sink.ts";
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
const server = createHttpServer({ sink, store, urls, now });
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
  ["the page is there", "/", {}, 200],
  ["it tells that it lives", "/healthz", {}, 200],
  ["no other path is there", "/etc/passwd", {}, 404],
  ["a wrong method is told so", "/", { method: "DELETE" }, 405],
  ["a foreign host name is refused (DNS rebinding)", "/", { headers: { host: "evil.example" } }, 421],
  [
    "a host name that only begins like a loopback one is refused",
    "/",
    { headers: { host: "127.0.0.1.evil.example" } },
    421,
  ],
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
    webhook(JSON.stringify("x".repeat(sinkBodyMaxSizeBytes - 2))),
    204,
  ],
  [
    "a body past the limit is refused",
    "/sink/inbox",
    webhook(JSON.stringify("x".repeat(sinkBodyMaxSizeBytes - 1))),
    413,
  ],
  ["an object without a signature stays closed", "/objects/raw/aa/mail.eml", {}, 403],
  ["a key that cannot be decoded stays closed", "/objects/%ff", {}, 403],
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
  assert.equal(response.headers.get("content-disposition"), "attachment");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.equal(await response.text(), "<script>alert(1)</script>");
});

test("what came by mail is escaped on the page", async () => {
  const message = { subject: "<script>alert(1)</script>", text: '"><img src=x onerror=alert(1)>' };
  const envelope = { mailFrom: "<b>@example.org" };
  const data = { id: "1", envelope, recipients: [{ address: "a@example.com", route: "all" }], message };
  await ask("/sink/inbox", webhook(JSON.stringify({ data }), { "webhook-id": "msg_hostile" }));
  const { body } = await ask("/");
  assert.match(body, /&#60;script&#62;alert\(1\)/);
  assert.doesNotMatch(body, /<script|<img|<b>/);
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
