/** The stage events of the front end: one for each transaction that came to something. */
import { describeError } from "../mail/errors.ts";
import type { Envelope } from "../mail/messages.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import type { Findings } from "./protocol/data-decoder.ts";
import type { Refused } from "./protocol/engine-event.ts";
import { describeReply, type Reply } from "./protocol/reply.ts";

export interface Outcome {
  readonly id: string | null;
  readonly outcome: "accepted" | "refused" | "again";
  readonly envelope: Envelope;
  readonly refusedRecipients: number;
  readonly startedMs: number;
  readonly nowMs: number;
  readonly detail: StageEvent["detail"];
}

export function smtpEvent({
  id,
  outcome,
  envelope,
  refusedRecipients,
  startedMs,
  nowMs,
  detail,
}: Outcome): StageEvent {
  const { mailFrom, rcptTo, remoteIp, remoteName, blockLists, helo, tls, smtpUtf8 } = envelope;
  return {
    at: new Date(nowMs).toISOString(),
    stage: "smtp",
    id,
    outcome,
    durationMs: nowMs - startedMs,
    detail: {
      from: mailFrom,
      // All of them, since a message is searched for by any.
      to: rcptTo.join(", "),
      recipients: rcptTo.length,
      refusedRecipients,
      ...detail,
      remoteIp,
      ...(remoteName === null ? {} : { remoteName }),
      ...(blockLists.length === 0 ? {} : { blockLists: blockLists.join(" ") }),
      helo,
      tls: tls?.version ?? null,
      smtpUtf8,
    },
  };
}

/** A transaction that ended with nothing stored; `startedMs` is when its message began, null where none did. */
export function refusedEvent(refused: Refused, startedMs: number | null, nowMs: number): StageEvent {
  const { envelope, refusedRecipients, refusedTo, sizeBytes, reply } = refused;
  const to = refusedTo === null ? {} : { refusedTo };
  const detail = { ...to, sizeBytes, reply: reply === null ? "connection lost" : describeReply(reply) };
  return smtpEvent({
    id: null,
    outcome: "refused",
    envelope,
    refusedRecipients,
    startedMs: startedMs ?? nowMs,
    nowMs,
    detail,
  });
}

/** Something went wrong that is no message's fault. */
export const problemEvent = (error: unknown, nowMs: number, detail: StageEvent["detail"]): StageEvent => ({
  at: new Date(nowMs).toISOString(),
  stage: "smtp",
  id: null,
  outcome: "again",
  durationMs: 0,
  detail: { reason: describeError(error), ...detail },
});

export const messageDetail = ({ sizeBytes, bareNewlines, longLines }: Findings, reply: Reply) => ({
  sizeBytes,
  bareNewlines,
  longLines,
  reply: describeReply(reply),
});
