import type { StageEvent } from "../../../functions/mail/stage-event.ts";

export const receivedAt = "2026-01-02T03:04:05.000Z";

export const idOf = (n: number) => `0190a5b2-0000-7000-8000-${String(n).padStart(12, "0")}`;

type Change = Partial<StageEvent> & { readonly detail?: StageEvent["detail"] };

const event = (
  id: string | null,
  stage: StageEvent["stage"],
  outcome: string,
  detail: StageEvent["detail"],
) => ({
  at: receivedAt,
  stage,
  id,
  outcome,
  durationMs: 1,
  detail,
});

/** The events as the stages log them. */
export const events = {
  accepted: (id: string, change: Change = {}): StageEvent => ({
    ...event(id, "smtp", "accepted", {
      from: "ann@example.org",
      to: "help@example.com",
      recipients: 1,
      sizeBytes: 321,
      reply: "250 2.0.0 Ok",
      ...change.detail,
    }),
  }),
  refused: (reply: string): StageEvent =>
    event(null, "smtp", "refused", {
      from: "eve@example.net",
      to: "",
      recipients: 0,
      sizeBytes: 0,
      reply,
    }),
  parsed: (id: string, detail: StageEvent["detail"] = {}): StageEvent =>
    event(id, "parse", "parsed", {
      subject: "A question",
      from: "ann@example.org",
      messageId: "<1@example.org>",
      sizeBytes: 321,
      attachments: 0,
      ...detail,
    }),
  validated: (id: string, detail: StageEvent["detail"] = {}): StageEvent =>
    event(id, "validate", "validated", {
      spf: "pass",
      dkim: "pass example.org",
      dmarc: "pass",
      arc: "none",
      senderVerified: true,
      ...detail,
    }),
  routed: (id: string, detail: StageEvent["detail"] = {}): StageEvent =>
    event(id, "route", "routed", {
      endpoint: "inbox",
      route: "rest",
      recipients: "help@example.com",
      isReplay: false,
      ...detail,
    }),
  aside: (id: string, outcome: "dropped" | "quarantined" | "unrouted", recipients = "help@example.com") =>
    event(id, "route", outcome, { route: "spam", reason: `it is ${outcome}`, recipients }),
  attempt: (id: string, outcome: string, detail: StageEvent["detail"] = {}): StageEvent =>
    event(id, "deliver", outcome, {
      endpoint: "inbox",
      webhookId: `msg_${id}_inbox`,
      attempt: 1,
      status: outcome === "delivered" ? 204 : 500,
      reason: outcome === "delivered" ? null : "500",
      ...(outcome === "retry" ? { delaySeconds: 5 } : {}),
      ...detail,
    }),
  again: (id: string, stage: StageEvent["stage"], outcome: "again" | "dead" = "again"): StageEvent =>
    event(id, stage, outcome, { reason: "the store is gone", receiveCount: 1 }),
};
