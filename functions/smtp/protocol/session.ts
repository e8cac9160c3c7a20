import type { DsnRecipient } from "../../mail/dsn.ts";
import type { RecipientFacts, RecipientVerdict } from "../../mail/match.ts";
import type { Envelope } from "../../mail/messages.ts";
import type { Greeting } from "../../mail/trace.ts";
import type { ProtocolLimits } from "./limits.ts";
import type { MailParameters } from "./parameters.ts";
import { type Reply, replies } from "./reply.ts";

/** What the engine is told to do; it holds for one session. */
export interface Policy {
  readonly protocol: "smtp" | "lmtp";
  readonly hostname: string;
  readonly limits: ProtocolLimits;
  /** STARTTLS is offered while there is no TLS. */
  readonly canStartTls: boolean;
  /** There are users; AUTH is offered under TLS. */
  readonly canAuthenticate: boolean;
  /** The client is trusted to say who its own client is. */
  readonly canXclient: boolean;
  /** What becomes of a message with a bare CR, a bare LF or a NUL. */
  readonly bareNewlines: "reject" | "flag";
  /** The client gets 554 for a greeting, and may but leave (RFC 5321 §3.1). */
  readonly isClientRefused: boolean;
  /** Somebody looks on: each line that is taken is an event too. */
  readonly isTranscribed: boolean;
  readonly judgeRecipient: (facts: RecipientFacts) => RecipientVerdict;
}

/** The other side, as the connection knows it. */
export interface Client {
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly remoteName: string | null;
  readonly blockLists: string[];
  readonly tls: Envelope["tls"];
  /** What a proxy said that it called itself. */
  readonly helo?: string;
  /** Whom a proxy said that it authenticated. */
  readonly user?: string;
}

/** An open mail transaction (RFC 5321 §3.3). */
export interface Transaction extends MailParameters {
  readonly mailFrom: string | null;
  readonly rcptTo: readonly string[];
  readonly dsnRecipients: readonly DsnRecipient[];
  readonly refusedRecipients: number;
  /** The first of them; null where none was refused. */
  readonly refusedTo: string | null;
  /** The message comes by BDAT, and has begun. */
  readonly isChunked: boolean;
  /** The last refusal that it met. */
  readonly refusal: Reply | null;
}

/** AUTH is under way: what was said so far. */
export type Exchange =
  | { readonly mechanism: "PLAIN" }
  | { readonly mechanism: "LOGIN"; readonly user: string | null };

export interface Session {
  readonly client: Client;
  /** Null until the client has said who it is. */
  readonly hello: { readonly greeting: Greeting; readonly name: string } | null;
  /** Not null while a response to a challenge is due. */
  readonly exchange: Exchange | null;
  /** Null until one has authenticated. */
  readonly user: string | null;
  readonly transaction: Transaction | null;
  /** How many were begun. */
  readonly transactions: number;
  /** Why a chunk was refused; those that are behind it in the pipeline are refused alike (RFC 3030 §2). */
  readonly failedChunk: Reply | null;
  /** 5xx replies since the last accepted message. */
  readonly failures: number;
}

export const startSession = (client: Client): Session => ({
  client,
  hello: null,
  exchange: null,
  user: client.user ?? null,
  transaction: null,
  transactions: 0,
  failedChunk: null,
  failures: 0,
});

export function envelopeOf({ client, hello, user }: Session, transaction: Transaction): Envelope {
  const { mailFrom, rcptTo, smtpUtf8, bodyType, requireTls, ret, envid, dsnRecipients } = transaction;
  const { remoteIp, remotePort, remoteName, blockLists, tls } = client;
  const isDsn = ret !== null || envid !== null || dsnRecipients.length > 0;
  return {
    mailFrom,
    rcptTo: [...rcptTo],
    helo: hello?.name ?? "",
    remoteIp,
    remotePort,
    remoteName,
    blockLists,
    tls,
    smtpUtf8,
    bodyType,
    auth: user,
    bareNewlines: false,
    longLines: false,
    requireTls,
    dsn: isDsn ? { ret, envid, recipients: [...dsnRecipients] } : null,
  };
}

/** Counts a refusal; one too many ends the session, whatever was to be said. */
export function countFailure(session: Session, reply: Reply, { limits }: Policy) {
  if (reply.code < 500) return { session, said: reply };
  const failures = session.failures + 1;
  const said = failures > limits.commandFailuresMax ? replies.tooManyFailures : reply;
  return { session: { ...session, failures }, said };
}

/** AUTH has an answer. */
export const withUser = (session: Session, user: string, reply: Reply): Session =>
  reply === replies.authenticated ? { ...session, user } : session;
