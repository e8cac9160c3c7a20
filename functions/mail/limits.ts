/**
 * Every limit that more than one part must agree on: a name, a unit, a default.
 * The limits of one part alone stand in that part's folder.
 */
export const limits = {
  /** Size of one message as sent in DATA, dot-stuffing undone (RFC 1870). */
  messageMaxSizeBytes: 40 * 1024 * 1024,
  /** A line of a message, its CRLF included (RFC 5321 §4.5.3.1.6); longer ones are kept as they are and flagged. */
  textLineMaxOctets: 1000,
  /** RCPT commands accepted in one transaction (RFC 5321 §4.5.3.1.8 asks for at least 100). */
  recipientsMax: 100,
  /** From the first byte of a message to the blank line after its header. */
  headerBlockMaxBytes: 256 * 1024,
  /** Nesting of multipart and message/rfc822 parts. */
  mimeDepthMax: 30,
  /** MIME parts in one message. */
  mimePartsMax: 1000,
  /** Text and HTML, each: carried inline up to here, behind `bodyUrl` above it. */
  bodyInlineMaxBytes: 256 * 1024,
  /** Text and HTML, each: read up to here, cut above it with a warning. */
  bodyMaxBytes: 2 * 1024 * 1024,
  /** SQS bodies: sent inline up to here, as a claim check above it. */
  queueBodyInlineMaxBytes: 240 * 1024,
  /** `Received` header fields before a message counts as looping (RFC 5321 §6.3). */
  hopsMax: 100,
} as const;
