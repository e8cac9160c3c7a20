import type { Config } from "../mail/config.ts";
import { describeError, PermanentError } from "../mail/errors.ts";
import type { DeliveryReceipt, RoutedMessage } from "../mail/messages.ts";
import type { Clock, ObjectUrls, Post, PostResult } from "../mail/ports.ts";
import { createPayload, type MailReceived } from "./payload.ts";
import { type JudgeDeps, judgeAttempt, type Outcome } from "./retry.ts";
import { sign, webhookId } from "./sign.ts";

export interface DeliverDeps {
  readonly urls: ObjectUrls;
  readonly config: () => Promise<Pick<Config, "endpoints">>;
  readonly secrets: (endpoint: string) => Promise<readonly string[]>;
  readonly post: Post;
  /** Sends to a queue of the users' own, by ARN. */
  readonly sendToQueue: (arn: string, payload: MailReceived, id: string) => Promise<void>;
  readonly random: () => number;
  readonly now: Clock;
}

export interface Delivered {
  readonly outcome: Outcome;
  readonly receipt: DeliveryReceipt;
  /** Where it went: a host, or a queue's ARN; null where there is no such endpoint. */
  readonly destination: string | null;
  /** The first of what a receiver answered that did not take it. */
  readonly answer: string | null;
}

export const webhookTimeoutMs = 15_000;

const answerMaxLength = 1_000;

/** Makes one attempt at one delivery, and decides what follows. */
export async function deliver(routed: RoutedMessage, attempt: number, deps: DeliverDeps): Promise<Delivered> {
  const { now, random } = deps;
  const startedMs = now();
  const { endpoints } = await deps.config();
  const endpoint = Object.hasOwn(endpoints, routed.endpoint) ? endpoints[routed.endpoint] : undefined;
  const result = await attemptTo(endpoint, routed, deps);
  const outcome = judge(result, attempt, { random, nowMs: now() });
  const { version, id, receivedAt } = routed;
  return {
    outcome,
    receipt: {
      version,
      id,
      receivedAt,
      endpoint: routed.endpoint,
      webhookId: webhookId(routed),
      attempt,
      outcome: outcome.kind,
      status: result.kind === "answer" ? result.status : null,
      durationMs: now() - startedMs,
      reason: outcome.kind === "delivered" ? null : outcome.reason,
    },
    destination: destinationOf(endpoint),
    answer: result.kind === "answer" && outcome.kind !== "delivered" ? firstOf(result.excerpt) : null,
  };
}

type Endpoint = Config["endpoints"][string];

/** What an attempt came to. `impossible` is what no further attempt can change. */
type AttemptResult =
  | PostResult
  | { readonly kind: "sent" }
  | { readonly kind: "impossible"; readonly reason: string };

function judge(result: AttemptResult, attempt: number, deps: JudgeDeps): Outcome {
  switch (result.kind) {
    case "sent":
      return { kind: "delivered" };
    case "impossible":
      return { kind: "dead", reason: result.reason };
    default:
      return judgeAttempt(result, attempt, deps);
  }
}

async function attemptTo(
  endpoint: Endpoint | undefined,
  routed: RoutedMessage,
  deps: DeliverDeps,
): Promise<AttemptResult> {
  if (endpoint === undefined)
    return { kind: "impossible", reason: `the config has no endpoint ${routed.endpoint}` };
  if ("sink" in endpoint)
    return { kind: "impossible", reason: `endpoint ${routed.endpoint} is the built-in sink of npm start` };
  const payload = await createPayload(routed, deps);
  if ("queue" in endpoint) return sendTo(endpoint.queue, payload, { id: webhookId(routed), deps });
  return postTo(endpoint, payload, { routed, deps });
}

/** A queue out of reach is met with the same patience as a webhook. */
async function sendTo(
  arn: string,
  payload: MailReceived,
  { id, deps }: { readonly id: string; readonly deps: DeliverDeps },
): Promise<AttemptResult> {
  try {
    await deps.sendToQueue(arn, payload, id);
    return { kind: "sent" };
  } catch (error) {
    if (error instanceof PermanentError) throw error;
    return { kind: "error", code: "queue", detail: describeError(error) };
  }
}

async function postTo(
  { url, allowPrivateAddress = false }: Extract<Endpoint, { readonly url: string }>,
  payload: MailReceived,
  { routed, deps }: { readonly routed: RoutedMessage; readonly deps: DeliverDeps },
): Promise<AttemptResult> {
  const id = webhookId(routed);
  const body = JSON.stringify(payload);
  const timestampSeconds = Math.floor(deps.now() / 1000);
  const signature = sign(await deps.secrets(routed.endpoint), id, timestampSeconds, body);
  if (signature === "")
    return {
      kind: "error",
      code: "no-secret",
      detail: `endpoint ${routed.endpoint} has no secret whsec_<base64>`,
    };
  return deps.post({
    url,
    headers: {
      "content-type": "application/json",
      "user-agent": "Mailchute",
      "webhook-id": id,
      "webhook-timestamp": String(timestampSeconds),
      "webhook-signature": signature,
    },
    body,
    timeoutMs: webhookTimeoutMs,
    allowPrivateAddress,
  });
}

/** Without path and query: they may hold keys. */
function destinationOf(endpoint: Endpoint | undefined): string | null {
  if (endpoint === undefined || "sink" in endpoint) return null;
  return "queue" in endpoint ? endpoint.queue : (URL.parse(endpoint.url)?.host ?? null);
}

const firstOf = (excerpt: string) =>
  excerpt === "" ? null : excerpt.slice(0, answerMaxLength).toWellFormed();
