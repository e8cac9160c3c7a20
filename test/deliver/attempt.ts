/** Attempts of the deliver stage, by the real handler, at servers on loopback. */
import assert from "node:assert/strict";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import { readHistory } from "../../functions/deliver/history.ts";
import { createPost, type PostOptions } from "../../functions/deliver/post.ts";
import { webhookId } from "../../functions/deliver/sign.ts";
import { finished, returned, sqsEvent } from "../validate/handler-deps.ts";
import { id } from "../validate/mail.ts";
import { routedMessage } from "./routed.ts";
import type { Listening } from "./servers.ts";
import { setUp } from "./set-up.ts";

const nowMs = Date.parse("2026-01-02T03:04:05Z");

export interface Attempt extends PostOptions {
  readonly timeoutMs?: number;
}

/** One attempt at a URL: whether the message is finished, the event, and what the history has of the answer. */
export async function attempt(url: string, { timeoutMs = 5_000, ...options }: Attempt = {}) {
  const { deps, observed } = setUp({ config: { helpdesk: { url, allowPrivateAddress: true } } });
  const post = createPost(options);
  const handle = createDeliverHandler({
    ...deps,
    now: () => nowMs,
    post: async (request) => post({ ...request, timeoutMs }),
  });
  const handled = await handle(sqsEvent(routedMessage()));
  const history = await readHistory(id, webhookId(routedMessage()), observed.store);
  const [event] = observed.events;
  assert.ok(event !== undefined);
  const { status, reason, delaySeconds } = event.detail;
  return {
    handled,
    event: { outcome: event.outcome, status, reason, delaySeconds },
    answer: history?.attempts[0]?.answer,
  };
}

export const delivered = (status: number) => ({
  outcome: "delivered",
  status,
  reason: null,
  delaySeconds: undefined,
});

export const again = (status: number | null, reason: string, delaySeconds = 5) => ({
  outcome: "retry",
  status,
  reason,
  delaySeconds,
});

export type Expected = ReturnType<typeof delivered> | ReturnType<typeof again> | { readonly outcome: "dead" };

/** What follows an attempt at a server; a pattern is that of the reason for which nothing was answered. */
export async function check(
  listening: Listening,
  expected: Expected | RegExp,
  { origin = "http://127.0.0.1", ...options }: Attempt & { readonly origin?: string } = {},
) {
  await using server = listening;
  const { handled, event, answer } = await attempt(`${origin}:${server.port}/hook`, options);
  if (expected instanceof RegExp) {
    assert.match(String(event.reason), expected);
    assert.partialDeepStrictEqual(event, { outcome: "retry", status: null, delaySeconds: 5 });
  } else assert.partialDeepStrictEqual(event, expected);
  assert.deepEqual(handled, event.outcome === "retry" ? returned : finished);
  return answer;
}
