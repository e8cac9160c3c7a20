import type { IncomingHttpHeaders } from "node:http";

/** A webhook that the built-in sink took. */
export interface SinkDelivery {
  readonly at: string;
  readonly endpoint: string;
  readonly webhookId: string;
  readonly isSignatureValid: boolean;
  readonly body: unknown;
}

export interface Sink {
  /** Judges one POST: the status to answer, and the delivery kept when it is good. */
  take(endpoint: string, headers: IncomingHttpHeaders, body: string): { status: number; answer: string };
  /** Newest first. */
  deliveries(): readonly SinkDelivery[];
}

/** What the sink keeps; older deliveries go first. */
export const sinkMaxDeliveries = 200;

/** Signs as the deliver stage does: the `webhook-signature` of one body under one secret. */
export type SignWebhook = (
  secrets: readonly string[],
  id: string,
  timestampSeconds: number,
  body: string,
) => string;

/**
 * A webhook receiver as a newcomer would write one: it checks the signature and answers 204.
 * Deliveries with the same `webhook-id` are one delivery, the newest kept.
 */
export function createSink({
  secrets,
  sign,
  now,
}: {
  secrets: (endpoint: string) => readonly string[];
  sign: SignWebhook;
  now: () => number;
}): Sink {
  const kept = new Map<string, SinkDelivery>();
  return {
    take: (endpoint, headers, body) => {
      const webhookId = String(headers["webhook-id"] ?? "");
      const expected = sign(secrets(endpoint), webhookId, Number(headers["webhook-timestamp"]), body).split(
        " ",
      );
      const given = String(headers["webhook-signature"] ?? "").split(" ");
      if (!given.some((signature) => signature !== "" && expected.includes(signature)))
        return { status: 401, answer: "webhook-signature does not match" };
      const parsed = parseJson(body);
      if (parsed === undefined) return { status: 400, answer: "the body is not JSON" };
      kept.delete(webhookId);
      const at = new Date(now()).toISOString();
      kept.set(webhookId, { at, endpoint, webhookId, isSignatureValid: true, body: parsed });
      const oldest = kept.keys().next().value;
      if (kept.size > sinkMaxDeliveries && oldest !== undefined) kept.delete(oldest);
      return { status: 204, answer: "" };
    },
    deliveries: () => [...kept.values()].reverse(),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
