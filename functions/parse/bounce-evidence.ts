import type { ReportText } from "./bounce-text.ts";
import { saysFailure } from "./bounce-wording.ts";
import { excerptsOf, returnedMessage } from "./excerpts.ts";
import type { KindSource } from "./kind.ts";

/** Local parts that are programs (RFC 2142 names the postmaster), however they are written. */
const systemLocalPart = /^(?:mailer-?daemon|post-?master|mail-?delivery-?(?:sub)?-?system|mail-?system)$/;
const systemName =
  /mailer[ -]?daemon|mail deliver\w* (?:sub)?system|delivery (?:sub)?system|post[ -]?master|system administrator/;
const robotLocalPart = /^(?:no|do-?not)-?reply|^(?:auto|bounce|notif)|admin$/;

/** SMTP's own words: a failure reply with text behind it, or an enhanced status code. */
const smtpReply =
  /(?<![\d.])(?:[45]\d\d[ -]+(?:[45]\.\d{1,3}\.\d{1,3}\b|[<(#"'A-Za-z])|[45]\.[0-7]\.\d{1,3}(?![\d.]*\d))/;

/**
 * Whether a mail without a report part comes from where bounces come from. No one sign of a bounce is enough: it must
 * also say in words that mail was not delivered, and show the mail or the dialogue that it speaks of. A letter about a
 * bounce has a person's address, and one from a postmaster shows no dialogue.
 */
export function isBounceByOrigin(source: KindSource): boolean {
  const { fields, header } = source;
  const isAnswer = /^\s*(?:re|aw|sv|fwd?|wg|tr|rv)\s*:/i.test(header.subject ?? "");
  if (isAnswer || fields.first("list-id") !== null) return false;
  return fields.first("x-failed-recipients") !== null || judgeOrigin(source) !== "person";
}

/** Whether such a mail is one by what it says. */
export function isBounceByWords(source: KindSource, { report, returned }: ReportText): boolean {
  const { fields, header, excerpts } = source;
  if (fields.first("x-failed-recipients") !== null) return true;
  const subject = header.subject ?? "";
  const [inSubject, inReport] = [saysFailure(subject), saysFailure(report)];
  if (!inSubject && !inReport) return false;
  const isReturned = returned !== "" || excerptsOf(excerpts, returnedMessage).length > 0;
  if (isReturned || smtpReply.test(report)) return true;
  return isFromSystem(source) && inSubject && inReport;
}

/** The null reverse-path, or an address that is a program's. */
export const isFromSystem = (source: KindSource) => judgeOrigin(source) === "mail-system";

function judgeOrigin({ mailFrom, fields, header }: KindSource): "mail-system" | "robot" | "person" {
  if (mailFrom === null) return "mail-system";
  const [from] = header.from;
  if (from === undefined) return /^\s*<\s*>/.test(fields.first("from")?.raw ?? "") ? "mail-system" : "person";
  const localPart = from.address.replace(/@.*$/, "").toLowerCase().replace(/[._]/g, "-");
  const name = (from.name ?? "").toLowerCase();
  if (systemLocalPart.test(localPart) || systemName.test(name)) return "mail-system";
  return robotLocalPart.test(localPart) ? "robot" : "person";
}
