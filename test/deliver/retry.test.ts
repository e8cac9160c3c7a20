import assert from "node:assert/strict";
import { test } from "node:test";
import { delayMaxSeconds, judgeAttempt, retryDelaysSeconds } from "../../functions/deliver/retry.ts";
import type { PostResult } from "../../functions/mail/ports.ts";

const nowMs = Date.parse("2026-01-02T03:04:05Z");
const answer = (status: number, retryAfter: string | null = null): PostResult => ({
  kind: "answer",
  status,
  retryAfter,
  excerpt: "",
});
const timeout: PostResult = { kind: "error", code: "timeout", detail: "no answer" };
const retry = (delaySeconds: number, reason: string) => ({ kind: "retry", delaySeconds, reason });
const gone = "410: the endpoint wants no more of this";

const rows: readonly [string, PostResult, number, object][] = [
  ["200 is delivered", answer(200), 1, { kind: "delivered" }],
  ["204 is delivered", answer(204), 1, { kind: "delivered" }],
  ["299 is delivered", answer(299), 13, { kind: "delivered" }],
  ["410 stops at once", answer(410), 1, { kind: "dead", reason: gone }],
  ["410 stops at once even when asked to wait", answer(410, "5"), 1, { kind: "dead", reason: gone }],
  ["199 is retried", answer(199), 1, retry(5, "199")],
  ["302 is retried, not followed", answer(302), 1, retry(5, "302: redirects are not followed")],
  ["400 is retried", answer(400), 1, retry(5, "400")],
  ["500 is retried", answer(500), 2, retry(30, "500")],
  ["a timeout is retried like a 500", timeout, 1, retry(5, "timeout: no answer")],
  ["429 waits as long as asked", answer(429, "120"), 1, retry(120, "429")],
  ["503 waits as long as asked", answer(503, " 120 "), 1, retry(120, "503")],
  ["503 waits until the date asked for", answer(503, "Fri, 02 Jan 2026 03:14:05 GMT"), 1, retry(600, "503")],
  ["429 is bounded by 12 hours", answer(429, "43201"), 1, retry(43_200, "429")],
  ["429 of more digits than a number has is bounded", answer(429, "9".repeat(400)), 1, retry(43_200, "429")],
  ["429 for a shorter time keeps to the schedule", answer(429, "0"), 3, retry(120, "429")],
  [
    "a date in the past keeps to the schedule",
    answer(503, "Fri, 02 Jan 2026 03:00:00 GMT"),
    1,
    retry(5, "503"),
  ],
  ["Retry-After that is neither is ignored", answer(503, "soon"), 1, retry(5, "503")],
  ["Retry-After with a sign is ignored", answer(503, "-60"), 1, retry(5, "503")],
  ["500 has no say in when", answer(500, "120"), 1, retry(5, "500")],
  ["the twelfth attempt is followed by another", answer(500), 12, retry(43_200, "500")],
  ["the thirteenth is the last", answer(500), 13, { kind: "dead", reason: "gave up after 13 attempts: 500" }],
  [
    "attempts beyond it are too",
    timeout,
    20,
    { kind: "dead", reason: "gave up after 20 attempts: timeout: no answer" },
  ],
];

for (const [sentence, result, attempt, expected] of rows)
  test(`attempt: ${sentence}`, () =>
    assert.deepEqual(judgeAttempt(result, attempt, { random: () => 0.5, nowMs }), expected));

const delays = (random: number) =>
  retryDelaysSeconds.map((_, index) => {
    const outcome = judgeAttempt(answer(500), index + 1, { random: () => random, nowMs });
    return outcome.kind === "retry" ? outcome.delaySeconds : null;
  });

test("the schedule takes 66 hours", () => {
  assert.deepEqual(delays(0.5), retryDelaysSeconds);
  assert.equal(Math.round(retryDelaysSeconds.reduce((sum, seconds) => sum + seconds) / 3600), 66);
});

test("jitter is a tenth either way, and never past what a queue can hide", () => {
  assert.deepEqual(
    [delays(0), delays(1)],
    [
      retryDelaysSeconds.map((seconds) => Math.round(seconds * 0.9)),
      retryDelaysSeconds.map((seconds) => Math.min(delayMaxSeconds, Math.round(seconds * 1.1))),
    ],
  );
});
