import type { Kind } from "../mail/kind.ts";
import { isBounceByOrigin, isBounceByWords, isFromSystem } from "./bounce-evidence.ts";
import { findBlamed } from "./bounce-recipients.ts";
import { splitReport } from "./bounce-text.ts";
import { isBounced, parseDeliveryStatus } from "./delivery-status.ts";
import { excerptsOf, messageIdIn, returnedMessageId } from "./excerpts.ts";
import type { KindSource } from "./kind.ts";
import { parseMessageIds } from "./threads.ts";

const statusReport = /^message\/(?:global-)?delivery-status$/;

/** What a bounce in words does not say. */
const unreported = {
  finalRecipient: null,
  remoteMta: null,
  reportingMta: null,
  arrivedAt: null,
  lastAttemptAt: null,
  willRetryUntil: null,
  envelopeId: null,
};

/**
 * A report that mail was not delivered: RFC 3464 where it is spoken, else what mail systems wrote before it and beside
 * it. Null for any other mail, and for a report of success.
 */
export function judgeBounce(source: KindSource): Kind["bounce"] {
  const { fields, excerpts, contentType } = source;
  const reports = excerptsOf(excerpts, statusReport);
  const isReport = reports.length > 0 && (contentType === "multipart/report" || isFromSystem(source));
  if (!isReport && !isBounceByOrigin(source)) return null;
  const text = splitReport(source.text ?? "");
  if (!isReport && !isBounceByWords(source, text)) return null;
  const reported = reports.flatMap(({ bytes }) => parseDeliveryStatus(bytes));
  // A report whose boundary is lost is text.
  if (reported.length === 0) reported.push(...parseDeliveryStatus(Buffer.from(text.report)));
  const recipients = reported.length > 0 ? reported.filter(isBounced) : findBlamed(source, text);
  if (reported.length > 0 && recipients.length === 0) return null;
  const originalMessageId =
    returnedMessageId(excerpts) ??
    messageIdIn(Buffer.from(text.returned)) ??
    parseMessageIds(fields.first("in-reply-to")?.raw ?? "")[0] ??
    parseMessageIds(fields.first("references")?.raw ?? "").at(-1) ??
    null;
  return recipients.map((recipient) => ({ ...unreported, ...recipient, originalMessageId }));
}
