/** What the front end allows beside what the protocol engine counts; see also `protocol/limits.ts`. */
export const serverLimits = {
  connectionsMax: 1000,
  connectionsPerAddressMax: 20,
  /** Between two commands (RFC 5321 §4.5.3.2.7 asks for at least 5 minutes). */
  idleMs: 5 * 60_000,
  /** Without an octet of DATA. */
  dataBlockMs: 3 * 60_000,
  /** Of DATA, in each window in which any came. */
  rateMinBytesPerSecond: 500,
  rateWindowMs: 60_000,
  /** From MAIL to the end of data. */
  transactionMs: 30 * 60_000,
  /** From the end of data to the answer: a client waits 10 minutes at least (RFC 5321 §4.5.3.2.6). */
  storeDeadlineMs: 4 * 60_000,
  tlsHandshakeMs: 30_000,
  /** From the last reply until the client has closed its side. */
  lingerMs: 5_000,
  /** For messages on their way when the server is told to stop. */
  stopMs: 90_000,
  /** A client that speaks before the greeting is shown the door; 0 greets at once. */
  greetingDelayMs: 0,
  /** Of all messages that are not stored yet; sockets wait at this, and new DATA gets 452. */
  maxBufferedBytes: 256 * 1024 * 1024,
  /** Stored in one piece up to here, as a stream above it. */
  singlePutMaxBytes: 5 * 1024 * 1024,
  /** A stream that is this far behind makes its socket wait. */
  streamBehindMaxBytes: 1024 * 1024,
  /** What a streamed message may keep in memory, store and queue together: two parts, and what waits for them. */
  streamHeldMaxBytes: 11 * 1024 * 1024,
};

export type ServerLimits = { readonly [Name in keyof typeof serverLimits]: number };
