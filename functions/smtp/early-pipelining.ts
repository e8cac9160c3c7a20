import type { SmtpSection } from "../mail/smtp-section.ts";
import type { Visit } from "./census.ts";
import type { Engine } from "./protocol/engine.ts";

/** One line at a time, until EHLO told the client that it need not wait (RFC 2920 §3.1). */
export function findDue(
  octets: Buffer,
  { isReceiving, session }: Engine,
  { visit, smtp }: { readonly visit: Visit; readonly smtp: SmtpSection },
): Buffer {
  const mayPipeline = isReceiving || (session.hello?.greeting ?? "HELO") !== "HELO";
  if (mayPipeline || visit.isExempt || smtp.earlyPipelining === "allow") return octets;
  const end = octets.indexOf("\r\n");
  return end < 0 ? octets : octets.subarray(0, end + "\r\n".length);
}
