import type { Kind } from "../mail/kind.ts";
import { parseDate } from "./date.ts";
import { excerptsOf, returnedMessage, returnedMessageId } from "./excerpts.ts";
import type { KindSource } from "./kind.ts";
import { parseFields, typedAddress } from "./report-fields.ts";
import { parseMessageIds } from "./threads.ts";

/** A feedback report (RFC 5965), or the complaint with nothing but the message that one large provider sends. */
export function judgeFeedback({ excerpts, header }: KindSource): Kind["feedback"] {
  const [report] = excerptsOf(excerpts, /^message\/feedback-report$/);
  const originalMessageId = returnedMessageId(excerpts);
  if (report === undefined) {
    const [, sourceIp] = /^complaint about message from ([\d.a-f:]{3,39})$/i.exec(header.subject ?? "") ?? [];
    if (sourceIp === undefined || excerptsOf(excerpts, returnedMessage).length === 0) return null;
    return { type: "abuse", recipients: [], sourceIp, arrivedAt: null, originalMessageId };
  }
  const fields = parseFields(report.bytes);
  const first = (name: string) => fields.first(name)?.value.trim() || null;
  const arrivedAt = fields.first("arrival-date") ?? fields.first("received-date");
  return {
    type: first("feedback-type")?.toLowerCase() ?? "other",
    recipients: fields.list("original-rcpt-to").flatMap((field) => typedAddress(field) ?? []),
    sourceIp: first("source-ip"),
    arrivedAt: arrivedAt === null ? null : parseDate(arrivedAt.raw),
    originalMessageId,
  };
}

/** A read receipt (RFC 8098 §3). */
export function judgeReceipt({ excerpts }: KindSource): Kind["receipt"] {
  const [report] = excerptsOf(excerpts, /^message\/(?:global-)?disposition-notification$/);
  if (report === undefined) return null;
  const fields = parseFields(report.bytes);
  const recipient = typedAddress(fields.first("original-recipient") ?? fields.first("final-recipient"));
  // `manual-action/MDN-sent-manually; displayed`
  const disposition = /^[\w/\s-]*;\s*([\w-]+)/.exec(fields.first("disposition")?.value ?? "")?.[1];
  if (recipient === null || disposition === undefined) return null;
  const [originalId] = parseMessageIds(fields.first("original-message-id")?.raw ?? "");
  return {
    disposition: disposition.toLowerCase(),
    recipient,
    originalMessageId: originalId ?? returnedMessageId(excerpts),
  };
}
