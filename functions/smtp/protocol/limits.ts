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

/** What a client answers to a challenge of AUTH, its CRLF included (RFC 4954 §4). */
export const responseLineMaxOctets = 12_288;

/** ENVID and ORCPT, as they are encoded (RFC 3461 §4.2, §4.4). */
export const envidMaxOctets = 100;
export const orcptMaxOctets = 500;

/**
 * What the line of MAIL grows by: SIZE (RFC 1870 §3), BODY (RFC 6152 §2), SMTPUTF8 (RFC 6531 §3.1), REQUIRETLS
 * (RFC 8689 §2), AUTH (RFC 4954 §3), RET and ENVID.
 */
export const mailLineGrowthOctets = 26 + 17 + 10 + 11 + 500 + " RET=FULL ENVID=".length + envidMaxOctets;

export const rcptLineGrowthOctets = " NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=".length + orcptMaxOctets;

/** A reply line, its CRLF included (RFC 5321 §4.5.3.1.5). */
export const replyLineMaxOctets = 512;

/** A domain in text form (RFC 5321 §4.5.3.1.2). */
export const domainMaxOctets = 255;
