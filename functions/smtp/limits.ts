/** What the whole front end has, beside what its config allows each client and what the protocol engine counts. */
export const serverLimits = {
  connectionsMax: 1000,
  /** From the end of data to the answer: a client waits 10 minutes at least (RFC 5321 §4.5.3.2.6). */
  storeDeadlineMs: 4 * 60_000,
  /** And from there, for the store to say whether the message got in all the same. */
  abandonDeadlineMs: 60_000,
  /** For messages on their way when the server is told to stop. */
  stopMs: 90_000,
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
