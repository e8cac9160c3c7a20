import type { Kind } from "../mail/kind.ts";
import { parseDate } from "./date.ts";
import type { HeaderField, HeaderFields } from "./header-fields.ts";
import { parseLimits } from "./parse-limits.ts";
import { parseFieldGroups, typedAddress, untyped } from "./report-fields.ts";

export type Bounced = NonNullable<Kind["bounce"]>[number];

/** What a report says of one recipient. */
export type ReportedRecipient = Omit<Bounced, "originalMessageId">;

/** `delivered`, `relayed` and `expanded` are none. */
export const isBounced = ({ action }: ReportedRecipient) => action === "failed" || action === "delayed";

/** Reads a delivery status (RFC 3464), or text that holds its fields: those of the message, then of each recipient. */
export function parseDeliveryStatus(bytes: Buffer): ReportedRecipient[] {
  const groups = parseFieldGroups(bytes);
  const recipients = groups.flatMap((fields) => {
    // The sender knows the original address.
    const recipient = typedAddress(fields.first("original-recipient") ?? fields.first("final-recipient"));
    if (recipient === null || !(fields.first("action") ?? fields.first("status"))) return [];
    return [{ ...readRecipient(recipient, fields), ...readMessage(groups[0] ?? fields) }];
  });
  return recipients.slice(0, parseLimits.bouncedRecipientsMax);
}

/** RFC 3464 §2.2. */
function readMessage(fields: HeaderFields) {
  return {
    reportingMta: nameOf(fields.first("reporting-mta")),
    arrivedAt: dateOf(fields.first("arrival-date")),
    envelopeId: fields.first("original-envelope-id")?.value.slice(0, parseLimits.mtaNameMaxLength) || null,
  };
}

const nameOf = (field: HeaderField | null) =>
  untyped(field)?.slice(0, parseLimits.mtaNameMaxLength).toWellFormed() ?? null;
const dateOf = (field: HeaderField | null) => (field === null ? null : parseDate(field.raw));

/** RFC 3464 §2.3. */
function readRecipient(recipient: string, fields: HeaderFields) {
  const diagnostic = boundDiagnostic(untyped(fields.first("diagnostic-code")));
  const stated = findStatus(fields.first("status")?.value ?? "");
  const action = normaliseAction(fields.first("action")?.value ?? "", stated);
  return {
    action,
    recipient,
    status: refineStatus(stated, diagnostic) ?? defaultStatus(action),
    finalRecipient: typedAddress(fields.first("final-recipient")),
    diagnostic,
    remoteMta: nameOf(fields.first("remote-mta")),
    lastAttemptAt: dateOf(fields.first("last-attempt-date")),
    willRetryUntil: dateOf(fields.first("will-retry-until")),
  };
}

export function boundDiagnostic(diagnostic: string | null): string | null {
  return diagnostic?.slice(0, parseLimits.diagnosticMaxLength).toWellFormed() ?? null;
}

export const defaultStatus = (action: string) => (action === "delayed" ? "4.0.0" : "5.0.0");

/** An enhanced status code (RFC 3463 §2), which is no part of an address or a version. */
export function findStatus(text: string): string | null {
  return /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/.exec(text)?.[0] ?? null;
}

/** `5.0.0` says nothing; where the diagnostic has a code of the same class, that one does. */
function refineStatus(stated: string | null, diagnostic: string | null): string | null {
  const found = findStatus(diagnostic ?? "");
  if (stated === null || found === null) return stated ?? found;
  return stated.endsWith(".0.0") && found.charAt(0) === stated.charAt(0) ? found : stated;
}

const actions = [
  [/^fail/, "failed"],
  [/^(?:delay|defer)/, "delayed"],
  [/^deliver/, "delivered"],
  [/^relay/, "relayed"],
  [/^expand/, "expanded"],
] as const;

function normaliseAction(written: string, status: string | null): string {
  const known = actions.find(([pattern]) => pattern.test(written.trim().toLowerCase()));
  if (known !== undefined) return known[1];
  if (status?.startsWith("2") === true) return "delivered";
  return status?.startsWith("4") === true ? "delayed" : "failed";
}
