import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as afterMs } from "node:timers/promises";
import * as z from "zod";
import { parseJson } from "../../../functions/mail/json.ts";
import { type Answer, text } from "./answer.ts";
import { bodyTooLarge, type Route, readBody } from "./server.ts";

/** What the sink answers to an endpoint's webhooks, so that an application's failures can be tried out. */
export const SinkBehaviour = z.enum(["ok", "gone", "busy", "error", "slow"]);
export type SinkBehaviour = z.infer<typeof SinkBehaviour>;

/** A webhook that the built-in sink took. */
export interface SinkDelivery {
  readonly at: string;
  readonly endpoint: string;
  readonly webhookId: string;
  readonly isSignatureValid: boolean;
  readonly body: unknown;
}

export interface Sink {
  /** Judges one POST: what to answer, and the delivery kept when it is good. */
  take(endpoint: string, headers: IncomingHttpHeaders, body: string): Answer;
  behaviour(endpoint: string): SinkBehaviour;
  behave(endpoint: string, behaviour: SinkBehaviour): void;
  /** Newest first. */
  deliveries(): readonly SinkDelivery[];
  clear(): void;
}

/** What the sink keeps; older deliveries go first. */
export const sinkMaxDeliveries = 200;

/** Slow enough to be felt, and within the 15 seconds that a webhook may take. */
export const sinkSlowMs = 10_000;

/** Signs as the deliver stage does: the `webhook-signature` of one body under one secret. */
export type SignWebhook = (
  secrets: readonly string[],
  id: string,
  timestampSeconds: number,
  body: string,
) => string;

const refusals: Readonly<Record<Exclude<SinkBehaviour, "ok" | "slow">, Answer>> = {
  gone: text(410, "the sink wants no more of this"),
  busy: { ...text(429, "the sink is busy"), headers: { "retry-after": "30" } },
  error: text(500, "the sink fails, as it was told to"),
};

export interface SinkDeps {
  readonly secrets: (endpoint: string) => readonly string[];
  readonly sign: SignWebhook;
  readonly now: () => number;
}

/**
 * A webhook receiver as a newcomer would write one: it checks the signature and answers 204, or whatever it was told
 * to. Deliveries with the same `webhook-id` are one delivery, the newest kept.
 */
export function createSink({ secrets, sign, now }: SinkDeps): Sink {
  const kept = new Map<string, SinkDelivery>();
  const behaviours = new Map<string, SinkBehaviour>();
  const behaviour = (endpoint: string) => behaviours.get(endpoint) ?? "ok";
  return {
    behaviour,
    behave: (endpoint, wanted) => void behaviours.set(endpoint, wanted),
    take: (endpoint, headers, body) => {
      const webhookId = String(headers["webhook-id"] ?? "");
      const expected = sign(secrets(endpoint), webhookId, Number(headers["webhook-timestamp"]), body);
      if (!isSigned(headers, expected)) return text(401, "webhook-signature does not match");
      const wanted = behaviour(endpoint);
      if (wanted !== "ok" && wanted !== "slow") return refusals[wanted];
      const parsed = parseJson(body);
      if (parsed === undefined) return text(400, "the body is not JSON");
      kept.delete(webhookId);
      const at = new Date(now()).toISOString();
      kept.set(webhookId, { at, endpoint, webhookId, isSignatureValid: true, body: parsed });
      const oldest = kept.keys().next().value;
      if (kept.size > sinkMaxDeliveries && oldest !== undefined) kept.delete(oldest);
      return { status: 204, headers: {}, body: "" };
    },
    deliveries: () => [...kept.values()].reverse(),
    clear: () => kept.clear(),
  };
}

function isSigned(headers: IncomingHttpHeaders, expected: string): boolean {
  const right = expected.split(" ");
  const given = String(headers["webhook-signature"] ?? "").split(" ");
  return given.some((signature) => signature !== "" && right.includes(signature));
}

/** Where the endpoints of the sink take their webhooks. */
export const createSinkRoute = (
  sink: Sink,
  wait = async (delayMs: number, signal: AbortSignal) => afterMs(delayMs, undefined, { signal }),
): Route => ({
  method: "POST",
  path: "/sink/{endpoint}",
  handle: async ({ request, params, signal }) => {
    const endpoint = params["endpoint"] ?? "";
    const body = await readBody(request);
    if (body === null) return bodyTooLarge();
    if (sink.behaviour(endpoint) === "slow") await wait(sinkSlowMs, signal);
    return sink.take(endpoint, request.headers, body.toString());
  },
});
