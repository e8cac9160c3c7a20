import { limits } from "../../mail/limits.ts";

/** What one session may ask of the engine. */
export interface ProtocolLimits {
  readonly messageMaxSizeBytes: number;
  readonly recipientsMax: number;
  readonly hopsMax: number;
  readonly commandFailuresMax: number;
}

export const protocolLimits: ProtocolLimits = {
  messageMaxSizeBytes: limits.messageMaxSizeBytes,
  recipientsMax: limits.recipientsMax,
  hopsMax: limits.hopsMax,
  /** Commands that may fail with 5xx since the last accepted message; the next one that does ends the session. */
  commandFailuresMax: 20,
};

/** A command line, its CRLF included (RFC 5321 §4.5.3.1.4). */
export const commandLineMaxOctets = 512;

/** What SIZE (RFC 1870 §3), BODY (RFC 6152 §2) and SMTPUTF8 (RFC 6531 §3.1) add to the line of MAIL. */
export const mailLineGrowthOctets = 26 + 17 + 10;

/** A reply line, its CRLF included (RFC 5321 §4.5.3.1.5). */
export const replyLineMaxOctets = 512;

/** A line of a message, its CRLF included (RFC 5321 §4.5.3.1.6); longer ones are kept as they are and flagged. */
export const textLineMaxOctets = 1000;

/** A domain in text form (RFC 5321 §4.5.3.1.2). */
export const domainMaxOctets = 255;
