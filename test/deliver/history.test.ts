import assert from "node:assert/strict";
import { test } from "node:test";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import { historyAttemptsMax, readHistory } from "../../functions/deliver/history.ts";
import { webhookId } from "../../functions/deliver/sign.ts";
import type { PostResult } from "../../functions/mail/ports.ts";
import { finished, returned, sqsEvent } from "../validate/handler-deps.ts";
import { id } from "../validate/mail.ts";
import { routedMessage } from "./routed.ts";
import { answer, setUp } from "./set-up.ts";

/** Makes an attempt for each result, and gives the history after them. */
async function attempt(results: readonly PostResult[], firstAttempt = 1) {
  const { deps, observed } = setUp();
  for (const [index, result] of results.entries()) {
    const handle = createDeliverHandler({ ...deps, now: () => 1_000 * index, post: async () => result });
    await handle(sqsEvent(routedMessage(), firstAttempt + index));
  }
  const history = await readHistory(id, webhookId(routedMessage()), observed.store);
  return { history, observed };
}

const timeout: PostResult = { kind: "error", code: "timeout", detail: "none" };
const long = answer(500, { excerpt: `<b>\r\n${"x".repeat(2_000)}` });

const rows: readonly [string, readonly PostResult[], readonly object[] | null][] = [
  ["what arrives at once has none", [answer(204)], null],
  [
    "each attempt has its status, its reason and the first of the answer",
    [long, timeout, answer(410, { excerpt: "gone" })],
    [
      { at: "1970-01-01T00:00:00.000Z", attempt: 1, outcome: "retry", status: 500, reason: "500" },
      { attempt: 2, outcome: "retry", status: null, reason: "timeout: none", answer: null },
      { at: "1970-01-01T00:00:02.000Z", attempt: 3, outcome: "dead", status: 410, answer: "gone" },
    ],
  ],
  [
    "one that arrives in the end says so",
    [answer(503), answer(200, { excerpt: "thanks" })],
    [{ outcome: "retry" }, { outcome: "delivered", status: 200, reason: null, answer: null }],
  ],
];

for (const [sentence, results, expected] of rows)
  test(`history: ${sentence}`, async () => {
    const { history } = await attempt(results);
    assert.equal(history?.attempts.length, expected?.length);
    if (expected !== null) assert.partialDeepStrictEqual(history?.attempts, expected);
  });

test("history: it names the delivery, and keeps of an answer 1,000 characters", async () => {
  const { history } = await attempt([long]);
  assert.partialDeepStrictEqual(history, {
    version: 1,
    id,
    endpoint: "helpdesk",
    webhookId: webhookId(routedMessage()),
  });
  assert.equal(history?.attempts[0]?.answer, `<b>\r\n${"x".repeat(995)}`);
  assert.equal(history?.attempts[0]?.destination, "app.test");
});

test("history: it keeps the newest hundred attempts", async () => {
  const { history } = await attempt(Array.from({ length: historyAttemptsMax + 1 }, () => answer(500)));
  assert.equal(history?.attempts.length, historyAttemptsMax);
  assert.equal(history?.attempts[0]?.attempt, 2);
});

test("history: of a replay it is another", async () => {
  const { deps, observed } = setUp({ result: answer(500) });
  const replayed = routedMessage({ replay: { at: "2026-01-02T00:00:00Z", reason: null } });
  await createDeliverHandler(deps)(sqsEvent(replayed));
  assert.equal(await readHistory(id, webhookId(routedMessage()), observed.store), null);
  assert.equal((await readHistory(id, webhookId(replayed), observed.store))?.attempts.length, 1);
});

for (const [sentence, result, expected] of [
  ["retried on the schedule", answer(500), returned],
  ["dead all the same", answer(410), finished],
] as const)
  test(`history: where the store fails, the delivery is ${sentence}, and the event says what is lost`, async () => {
    const { deps, observed } = setUp({ result });
    const get = async () => {
      throw new Error("store out of reach");
    };
    const handle = createDeliverHandler({ ...deps, store: { ...deps.store, get } });
    assert.deepEqual(await handle(sqsEvent(routedMessage())), expected);
    assert.equal(observed.events[0]?.detail["historyLost"], "store out of reach");
    assert.equal(observed.sent.get("deliver-dead")?.length ?? 0, expected === finished ? 1 : 0);
  });
