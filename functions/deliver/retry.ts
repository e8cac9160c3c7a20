import type { PostResult } from "../mail/ports.ts";

export type Outcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly delaySeconds: number; readonly reason: string }
  | { readonly kind: "dead"; readonly reason: string };

/** 5 s, 30 s, 2 min, 10 min, 30 min, 2 h, 5 h, 10 h, then 12 h four times: 13 attempts in about 66 hours. */
export const retryDelaysSeconds: readonly number[] = [
  5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200,
];

/** The longest that SQS can hide a message. */
export const delayMaxSeconds = 43_200;

/** Each delay is up to this part shorter or longer, so that what failed together does not come back together. */
const jitter = 0.1;

export interface JudgeDeps {
  /** From 0 up to 1. */
  readonly random: () => number;
  /** For a `Retry-After` that is a date. */
  readonly nowMs: number;
}

/** Decides what one attempt means. 410 is the receiver saying "stop"; all else earns a retry while attempts are left. */
export function judgeAttempt(result: PostResult, attempt: number, { random, nowMs }: JudgeDeps): Outcome {
  if (result.kind === "answer" && result.status >= 200 && result.status < 300) return { kind: "delivered" };
  const reason = reasonOf(result);
  if (result.kind === "answer" && result.status === 410) return { kind: "dead", reason };
  const scheduled = retryDelaysSeconds[attempt - 1];
  if (scheduled === undefined)
    return { kind: "dead", reason: `gave up after ${attempt} attempts: ${reason}` };
  const jittered = Math.round(scheduled * (1 - jitter + 2 * jitter * random()));
  // Never earlier than asked, and never sooner than the schedule: "0" from a receiver in trouble would end it in seconds.
  const delaySeconds = Math.min(delayMaxSeconds, Math.max(jittered, retryAfterSeconds(result, nowMs)));
  return { kind: "retry", delaySeconds, reason };
}

function reasonOf(result: PostResult): string {
  if (result.kind === "error") return `${result.code}: ${result.detail}`;
  if (result.status === 410) return "410: the endpoint wants no more of this";
  if (result.status >= 300 && result.status < 400) return `${result.status}: redirects are not followed`;
  return String(result.status);
}

/** What 429 and 503 ask for (RFC 9110 §10.2.3); 0 where they do not. */
function retryAfterSeconds(result: PostResult, nowMs: number): number {
  if (result.kind === "error" || result.retryAfter === null) return 0;
  if (result.status !== 429 && result.status !== 503) return 0;
  const value = result.retryAfter.trim();
  if (/^\d+$/.test(value)) return Number(value);
  // Date.parse takes much more than an HTTP date, such as "1" for a year.
  const atMs = /^[A-Z][a-z]+, .* GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? 0 : Math.ceil((atMs - nowMs) / 1000);
}
