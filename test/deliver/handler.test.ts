import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import { MailReceived } from "../../functions/deliver/payload.ts";
import { createPost } from "../../functions/deliver/post.ts";
import { webhookTimeoutMs } from "../../functions/deliver/webhook-request.ts";
import type { PostRequest } from "../../functions/mail/ports.ts";
import { finished, returned, sqsEvent } from "../validate/handler-deps.ts";
import { id } from "../validate/mail.ts";
import { routedMessage, secretOf } from "./routed.ts";
import { serve } from "./servers.ts";
import { answer, type SetUp, setUp, url } from "./set-up.ts";

const webhookId = `msg_${id.replaceAll("-", "")}_helpdesk`;

test("a webhook is signed JSON, and 2xx finishes it", async () => {
  const { posts, handle, observed } = setUp({ result: answer(200, { excerpt: "thanks" }) });
  assert.deepEqual(await handle(), finished);
  const [request] = posts;
  assert.ok(request !== undefined);
  assert.partialDeepStrictEqual(request, { url, timeoutMs: webhookTimeoutMs, allowPrivateAddress: false });
  assert.equal(request.headers["content-type"], "application/json");
  assert.equal(request.headers["webhook-id"], webhookId);
  const payload = new Webhook(secretOf(1)).verify(String(request.body), { ...request.headers });
  assert.equal(MailReceived.parse(payload).data.id, id);
  assert.partialDeepStrictEqual(observed.events, [
    {
      stage: "deliver",
      id,
      outcome: "delivered",
      detail: {
        endpoint: "helpdesk",
        destination: "app.test",
        webhookId,
        attempt: 1,
        status: 200,
        reason: null,
      },
    },
  ]);
});

const rows: readonly [string, SetUp, number, object, object, number[]][] = [
  [
    "500 brings it back after 5 s",
    { result: answer(500) },
    1,
    returned,
    { outcome: "retry", detail: { status: 500, reason: "500", delaySeconds: 5, attempt: 1 } },
    [5],
  ],
  [
    "the second 500 after 30 s",
    { result: answer(500) },
    2,
    returned,
    { outcome: "retry", detail: { attempt: 2 } },
    [30],
  ],
  [
    "429 when asked for",
    { result: answer(429, { retryAfter: "77" }) },
    1,
    returned,
    { outcome: "retry" },
    [77],
  ],
  [
    "no answer after 5 s",
    { result: { kind: "error", code: "timeout", detail: "none" } },
    1,
    returned,
    { outcome: "retry", detail: { status: null, reason: "timeout: none" } },
    [5],
  ],
  [
    "no secret after 5 s: it may be on its way",
    { secrets: [] },
    1,
    returned,
    {
      outcome: "retry",
      detail: { status: null, reason: "no-secret: endpoint helpdesk has no secret whsec_<base64>" },
    },
    [5],
  ],
  [
    "410 makes it a dead letter",
    { result: answer(410) },
    1,
    finished,
    { outcome: "dead", detail: { status: 410 } },
    [],
  ],
  [
    "the thirteenth 500 makes it a dead letter",
    { result: answer(500) },
    13,
    finished,
    { outcome: "dead" },
    [],
  ],
  [
    "an endpoint that is not in the config makes it a dead letter",
    { routed: { endpoint: "gone" } },
    1,
    finished,
    { outcome: "dead", detail: { destination: null, reason: "the config has no endpoint gone" } },
    [],
  ],
  [
    "an endpoint named like a property of objects does too",
    { routed: { endpoint: "constructor" } },
    1,
    finished,
    { outcome: "dead" },
    [],
  ],
  [
    "the sink of npm start does too, elsewhere",
    { routed: { endpoint: "sink" } },
    1,
    finished,
    { outcome: "dead", detail: { reason: "endpoint sink is the built-in sink of npm start" } },
    [],
  ],
];

for (const [sentence, set, attempt, expected, event, delays] of rows)
  test(`delivery: ${sentence}`, async () => {
    const { handle, observed } = setUp(set);
    assert.deepEqual(await handle(attempt), expected);
    assert.equal(observed.events.length, 1);
    assert.partialDeepStrictEqual(observed.events[0], event);
    assert.deepEqual(observed.delays, delays);
    assert.equal(observed.sent.get("deliver-dead")?.length ?? 0, expected === finished ? 1 : 0);
  });

test("a dead letter has its reason, and the body as it was", async () => {
  const { handle, observed } = setUp({ result: answer(410) });
  await handle();
  assert.deepEqual(observed.sent.get("deliver-dead"), [
    {
      body: JSON.stringify(routedMessage()),
      attributes: { stage: "deliver", reason: "410: the endpoint wants no more of this" },
    },
  ]);
});

test("the event shows the first of a bad answer on one line, and neither secret nor query", async () => {
  const excerpt = `<h1>Oops</h1>\r\n\u001b[31m${"x".repeat(500)}`;
  const { handle, observed } = setUp({ result: answer(500, { excerpt }) });
  await handle();
  const detail = observed.events[0]?.detail;
  assert.match(String(detail?.["answer"]), /^<h1>Oops<\/h1> \[31mx{1,200}$/);
  assert.doesNotMatch(JSON.stringify(detail), /key=1|whsec_[A-Za-z0-9]/);
});

test("webhook-id is the same for every attempt, and another for a replay", async () => {
  const first = setUp();
  for (const attempt of [1, 2, 3]) await first.handle(attempt);
  const replayed = setUp({ routed: { replay: { at: "2026-01-02T00:00:00Z", reason: null } } });
  await replayed.handle();
  const idsOf = (posts: readonly PostRequest[]) => new Set(posts.map(({ headers }) => headers["webhook-id"]));
  assert.deepEqual(idsOf(first.posts), new Set([webhookId]));
  assert.deepEqual(idsOf(replayed.posts), new Set([`${webhookId}_r${Date.parse("2026-01-02T00:00:00Z")}`]));
});

for (const [sentence, broken] of [
  ["a config that cannot be read", "config"],
  ["secrets that cannot be read", "secrets"],
  ["a URL that cannot be signed", "urls"],
] as const)
  test(`${sentence} brings the message back`, async () => {
    const { deps } = setUp();
    const fail = async () => {
      throw new Error("out of reach");
    };
    const failing = broken === "urls" ? { urls: { sign: fail } } : { [broken]: fail };
    const handle = createDeliverHandler({ ...deps, ...failing });
    assert.deepEqual(await handle(sqsEvent(routedMessage())), returned);
  });

test("a delivery arrives over HTTP, and verifies", async () => {
  const seen: unknown[] = [];
  await using server = await serve(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    seen.push(new Webhook(secretOf(1)).verify(body, headers));
    response.writeHead(202).end();
  });
  const config = { helpdesk: { url: `http://127.0.0.1:${server.port}/`, allowPrivateAddress: true } };
  const { deps } = setUp({ config });
  const handle = createDeliverHandler({ ...deps, post: createPost() });
  assert.deepEqual(await handle(sqsEvent(routedMessage())), finished);
  assert.equal(MailReceived.parse(seen[0]).data.id, id);
});
