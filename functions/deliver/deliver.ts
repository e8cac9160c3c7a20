import type { Config } from "../mail/config.ts";
import { describeError, PermanentError } from "../mail/errors.ts";
import type { DeliveryReceipt, RoutedMessage } from "../mail/messages.ts";
import type { ObjectStore, Post, PostResult, SendToBus } from "../mail/ports.ts";
import { type ClaimDeps, claimWhereLarge, type MailClaim } from "./claim.ts";
import { createPayload, type MailReceived } from "./payload.ts";
import { type JudgeDeps, judgeAttempt, type Outcome } from "./retry.ts";
import { webhookId } from "./sign.ts";
import { createWebhookRequest, type WebhookEndpoint } from "./webhook-request.ts";

export interface DeliverDeps extends ClaimDeps {
  readonly store: Pick<ObjectStore, "bucket" | "get" | "put">;
  readonly config: () => Promise<Pick<Config, "endpoints">>;
  readonly secrets: (endpoint: string) => Promise<readonly string[]>;
  readonly post: Post;
  /** Sends to a queue of the users' own, by ARN. */
  readonly sendToQueue: (arn: string, body: MailReceived | MailClaim, id: string) => Promise<void>;
  readonly sendToBus: SendToBus;
  readonly random: () => number;
}

export interface Delivered {
  readonly outcome: Outcome;
  readonly receipt: DeliveryReceipt;
  /** Where it went: a host, or an ARN; null where there is no such endpoint. */
  readonly destination: string | null;
  /** The first of what a receiver answered that did not take it. */
  readonly answer: string | null;
}

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
  if ("url" in endpoint) return postTo(endpoint, routed, deps);
  const payload = await createPayload(routed, deps);
  const id = webhookId(routed);
  const { type, timestamp: at } = payload;
  const body = await claimWhereLarge(payload, deps);
  if ("queue" in endpoint) return send("queue", () => deps.sendToQueue(endpoint.queue, body, id));
  const detail = JSON.stringify({ webhookId: id, ...body });
  return send("bus", () => deps.sendToBus(endpoint.bus, { type, at, detail }));
}

/** What is out of reach is met with the same patience as a webhook. */
async function send(code: "queue" | "bus", run: () => Promise<void>): Promise<AttemptResult> {
  try {
    await run();
    return { kind: "sent" };
  } catch (error) {
    const detail = describeError(error);
    return error instanceof PermanentError
      ? { kind: "impossible", reason: detail }
      : { kind: "error", code, detail };
  }
}

async function postTo(
  endpoint: WebhookEndpoint,
  routed: RoutedMessage,
  deps: DeliverDeps,
): Promise<AttemptResult> {
  const secrets = await deps.secrets(routed.endpoint);
  const request = await createWebhookRequest(endpoint, routed, { ...deps, secrets });
  if (request !== null) return deps.post(request);
  return {
    kind: "error",
    code: "no-secret",
    detail: `endpoint ${routed.endpoint} has no secret whsec_<base64>`,
  };
}

/** Without path and query: they may hold keys. */
function destinationOf(endpoint: Endpoint | undefined): string | null {
  if (endpoint === undefined || "sink" in endpoint) return null;
  if ("queue" in endpoint) return endpoint.queue;
  return "bus" in endpoint ? endpoint.bus : (URL.parse(endpoint.url)?.host ?? null);
}

const firstOf = (excerpt: string) =>
  excerpt === "" ? null : excerpt.slice(0, answerMaxLength).toWellFormed();
