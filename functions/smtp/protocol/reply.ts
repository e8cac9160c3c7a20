import { replyLineMaxOctets } from "./limits.ts";

/** What the engine does once the reply is written. */
export type Next = "command" | "data" | "tls" | "close";

export interface Reply {
  readonly code: number;
  /** Enhanced status (RFC 3463); null in the greeting and in answers to HELO and EHLO (RFC 2034 §3). */
  readonly status: string | null;
  readonly next: Next;
  /** As it goes over the wire: 7-bit lines, each ending in CRLF. */
  readonly wire: string;
}

/** Every fixed reply of the front end; those that carry a value are the functions below. */
export const replies = {
  ok: reply(250, "2.0.0", "Ok"),
  senderOk: reply(250, "2.1.0", "Sender ok"),
  recipientOk: reply(250, "2.1.5", "Recipient ok"),
  cannotVerify: reply(252, "2.5.0", "Cannot verify, but will take a message for delivery"),
  authenticated: reply(235, "2.7.0", "Authenticated"),
  help: reply(
    214,
    "2.0.0",
    "Commands: HELO EHLO (in LMTP LHLO) MAIL RCPT DATA BDAT RSET NOOP HELP VRFY STARTTLS AUTH QUIT",
  ),
  bye: reply(221, "2.0.0", "Bye", "close"),
  startTls: reply(220, "2.0.0", "Ready to start TLS", "tls"),
  startData: reply(354, null, "End data with <CR><LF>.<CR><LF>", "data"),

  shuttingDown: reply(421, "4.3.2", "Shutting down, try again", "close"),
  idleTooLong: reply(421, "4.4.2", "Idle too long", "close"),
  transactionTooLong: reply(421, "4.4.2", "Transaction took too long", "close"),
  tooSlow: reply(421, "4.7.0", "Too slow", "close"),
  tooManyFailures: reply(421, "4.7.0", "Too many failed commands", "close"),
  tooManyConnections: reply(421, "4.7.0", "Too many connections, try again later", "close"),
  tooManyFromAddress: reply(421, "4.7.0", "Too many connections from your address", "close"),
  tooManyConnects: reply(421, "4.7.0", "Too many connections in a minute, slow down", "close"),
  tooManyRefusals: reply(421, "4.7.0", "Too many unknown recipients, try again later", "close"),
  notHttp: reply(421, "4.7.0", "This is not HTTP", "close"),
  storeFailed: reply(451, "4.3.0", "Cannot store the message now, try again later"),
  tooManyMessages: reply(451, "4.7.0", "Too many messages in a minute, slow down"),
  outOfMemory: reply(452, "4.3.1", "Too busy for a message now, try again later"),
  tooManyRecipients: reply(452, "4.5.3", "Too many recipients"),
  authUnavailable: reply(454, "4.7.0", "Cannot check credentials now, try again later"),
  tlsUnavailable: reply(454, "4.7.0", "TLS not available now"),

  lineTooLong: reply(500, "5.5.2", "Line too long"),
  responseTooLong: reply(500, "5.5.6", "Response too long"),
  noCommand: reply(500, "5.5.2", "That is no command"),
  unknownCommand: reply(500, "5.5.1", "Unknown command"),
  badCharacters: reply(501, "5.5.2", "Control characters or invalid UTF-8 in the command"),
  needHostname: reply(501, null, "Your host name is needed, and nothing else"),
  needArgument: reply(501, "5.5.4", "An argument is needed"),
  noArgument: reply(501, "5.5.4", "No argument is allowed"),
  badSender: reply(501, "5.1.7", "Syntax: MAIL FROM:<address>"),
  badRecipient: reply(501, "5.1.3", "Syntax: RCPT TO:<address>"),
  badParameter: reply(501, "5.5.4", "A parameter is malformed"),
  badAuth: reply(501, "5.5.4", "Syntax: AUTH mechanism [initial-response]"),
  badResponse: reply(501, "5.5.2", "The response is not base64 of UTF-8"),
  authCancelled: reply(501, "5.7.0", "Authentication cancelled"),
  badXclient: reply(501, "5.5.4", "Syntax: XCLIENT name=value ..."),
  badChunkSize: reply(501, "5.5.4", "Syntax: BDAT size [LAST]", "close"),
  notImplemented: reply(502, "5.5.1", "Command not implemented"),
  needHello: reply(503, "5.5.1", "Send EHLO or HELO first"),
  needMail: reply(503, "5.5.1", "Send MAIL first"),
  needRecipient: reply(503, "5.5.1", "Send RCPT first"),
  needChunks: reply(503, "5.5.1", "BINARYMIME needs BDAT"),
  chunksBegun: reply(503, "5.5.1", "The message has begun by BDAT; send BDAT or RSET"),
  mailAlready: reply(503, "5.5.1", "A transaction is open; send RSET to end it"),
  authAlready: reply(503, "5.5.1", "You are authenticated"),
  notInTransaction: reply(503, "5.5.1", "Not within a transaction"),
  tlsAlready: reply(503, "5.5.1", "TLS is already in use"),
  refusedClient: reply(503, "5.5.1", "No service; send QUIT"),
  unknownMechanism: reply(504, "5.5.4", "Unknown mechanism"),
  needTls: reply(530, "5.7.10", "REQUIRETLS needs TLS here too"),
  authFailed: reply(535, "5.7.8", "User or password are wrong"),
  authInClear: reply(538, "5.7.11", "AUTH needs TLS"),
  notAuthorized: reply(550, "5.7.0", "Not for you"),
  unknownRecipient: reply(550, "5.1.1", "No such recipient here"),
  bareNewline: reply(550, "5.5.2", "The message has a bare CR, a bare LF or a NUL"),
  tooLarge: reply(552, "5.3.4", "The message is too large"),
  utf8Sender: reply(550, "5.6.7", "An address beyond ASCII needs SMTPUTF8"),
  utf8Recipient: reply(553, "5.6.7", "An address beyond ASCII needs SMTPUTF8"),
  noRecipients: reply(554, "5.5.1", "No valid recipients"),
  outOfSync: reply(554, "5.5.0", "Wait for the reply before sending more", "close"),
  earlyTalker: reply(554, "5.5.0", "Wait for the greeting before you speak", "close"),
  earlyPipelining: reply(554, "5.5.0", "Wait for the reply to EHLO before sending more", "close"),
  noService: reply(554, null, "No service for you"),
  loop: reply(554, "5.4.6", "Too many hops"),
  unknownParameter: reply(555, "5.5.4", "Unknown parameter"),
} satisfies Record<string, Reply>;

export const greeting = (hostname: string, protocol: "smtp" | "lmtp") =>
  reply(220, null, `${hostname} ${protocol === "smtp" ? "ESMTP" : "LMTP"} Mailchute`);

/** Of AUTH: nothing stands in it but base64 (RFC 4954 §4). */
export const challenge = (text: string) => reply(334, null, Buffer.from(text).toString("base64"));

/** The answer to EHLO, one keyword a line; that to HELO has none (RFC 5321 §3.2). */
export const hello = (hostname: string, keywords: readonly string[]) =>
  reply(250, null, [hostname, ...keywords]);

export const stored = (id: string) => reply(250, "2.0.0", `Ok: stored as ${id}`);

/** A route's refusal, in its own words. */
export const recipientRejected = (text: string) => reply(550, "5.7.1", text);

/** For logs: one line, without its CRLF. */
export const describeReply = ({ wire }: Reply) => wire.trimEnd().replaceAll("\r\n", " / ");

function reply(
  code: number,
  status: string | null,
  text: string | readonly string[],
  next: Next = "command",
): Reply {
  const lines = typeof text === "string" ? [text] : text;
  const prefix = status === null ? "" : `${status} `;
  const wire = lines.map((line, index) => {
    const separator = index === lines.length - 1 ? " " : "-";
    // Texts come from the config too: whatever stands there, a reply stays 7-bit and within its line.
    return `${`${code}${separator}${prefix}${line}`.replace(/[^ -~]/g, "?").slice(0, replyLineMaxOctets - 2)}\r\n`;
  });
  return { code, status, next, wire: wire.join("") };
}
