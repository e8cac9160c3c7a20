import type { Kind } from "../mail/messages.ts";
import type { HeaderFields } from "./header-fields.ts";
import { parseLimits } from "./parse-limits.ts";
import { parseFieldGroups, typedAddress, untyped } from "./report-fields.ts";

export type Bounced = NonNullable<Kind["bounce"]>[number];

/** What a report says of one recipient; `delivered`, `relayed` and `expanded` are no bounce. */
export interface ReportedRecipient extends Omit<Bounced, "originalMessageId"> {
  readonly isBounced: boolean;
}

/** Reads a delivery status (RFC 3464 §2.3), or text that holds its fields. */
export function parseDeliveryStatus(bytes: Buffer): ReportedRecipient[] {
  return parseFieldGroups(bytes).flatMap((fields) => {
    // The sender knows the original address; what it was rewritten to is the receiving side's affair.
    const recipient = typedAddress(fields.first("original-recipient") ?? fields.first("final-recipient"));
    if (recipient === null || !(fields.first("action") ?? fields.first("status"))) return [];
    return [readRecipient(recipient, fields)];
  });
}

function readRecipient(recipient: string, fields: HeaderFields): ReportedRecipient {
  const diagnostic = boundDiagnostic(untyped(fields.first("diagnostic-code")));
  const stated = findStatus(fields.first("status")?.value ?? "");
  const action = normaliseAction(fields.first("action")?.value ?? "", stated);
  return {
    isBounced: action === "failed" || action === "delayed",
    action,
    recipient,
    status: refineStatus(stated, diagnostic) ?? defaultStatus(action),
    diagnostic,
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
