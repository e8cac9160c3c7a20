import type { Envelope } from "./messages.ts";

export type Greeting = "HELO" | "EHLO" | "LHLO";

export interface Hop {
  readonly id: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** The receiving host. */
  readonly hostname: string;
  readonly greeting: Greeting;
  readonly envelope: Envelope;
}

/** The trace field of this hop (RFC 5321 §4.4), ending in CRLF. It names the recipient only where there is one alone (§7.6). */
export function receivedField({ id, receivedAt, hostname, greeting, envelope }: Hop): string {
  const { helo, remoteIp, remoteName, rcptTo } = envelope;
  const tcpInfo =
    remoteName === null ? addressLiteral(remoteIp) : `${remoteName} ${addressLiteral(remoteIp)}`;
  const [recipient] = rcptTo;
  const isAlone = recipient !== undefined && rcptTo.length === 1;
  const lines = [
    `Received: from ${domainToken(helo)} (${tcpInfo})`,
    ` by ${domainToken(hostname)}`,
    ` with ${withProtocol(greeting, envelope)} id ${id}`,
    ...(isAlone ? [` for <${fieldText(recipient)}>`] : []),
  ];
  return `${lines.join("\r\n")};\r\n ${dateTime(receivedAt)}\r\n`;
}

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3). */
export const addressLiteral = (ip: string) => (ip.includes(":") ? `[IPv6:${ip}]` : `[${ip}]`);

/** A value that a client chose, with nothing in it that could end or start a header field. */
export const fieldText = (value: string) => value.replace(/[^\x20-\x7e\u00a0-\uffff]/g, "?");

/** The registered "WITH" types (RFC 3848, RFC 6531 §4.3). */
function withProtocol(greeting: Greeting, { tls, auth, smtpUtf8 }: Envelope): string {
  if (greeting === "HELO") return "SMTP";
  const [plain, utf8] = greeting === "LHLO" ? ["LMTP", "UTF8LMTP"] : ["ESMTP", "UTF8SMTP"];
  return `${smtpUtf8 ? utf8 : plain}${tls === null ? "" : "S"}${auth === null ? "" : "A"}`;
}

/** What a client called itself, as the grammar of Received allows it: no space, parenthesis or semicolon. */
const domainToken = (name: string) =>
  name.slice(0, 255).replace(/[^\w.:[\]\u00a0-\uffff-]/g, "?") || "unknown";

const dateTime = (iso: string) => new Date(iso).toUTCString().replace("GMT", "+0000");
