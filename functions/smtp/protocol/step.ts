import type { Envelope } from "../../mail/messages.ts";
import type { Greeting } from "../../mail/trace.ts";
import type { Findings } from "./data-decoder.ts";
import type { Reply } from "./reply.ts";
import type { Client, Policy, Session, Transaction } from "./session.ts";

/** May this message begin? `replies.startData`, or a refusal. */
export interface Begin {
  readonly kind: "begin";
  readonly envelope: Envelope;
  readonly greeting: Greeting;
  readonly refusedRecipients: number;
}

/** What the engine cannot answer by itself: it stops until the caller answers with a reply. */
export type Ask =
  | Begin
  /** The message is whole: is it stored? */
  | { readonly kind: "end"; readonly findings: Findings }
  /** Can TLS start? `replies.startTls`, or a refusal. */
  | { readonly kind: "start-tls" }
  /** Who is this? Answered by {@link Engine.become}. */
  | { readonly kind: "xclient"; readonly client: Client }
  /** Is this the user's password? `replies.authenticated`, or a refusal. */
  | { readonly kind: "authenticate"; readonly user: string; readonly password: string };

/** What BDAT announces. Its octets are on their way already: they are read whatever comes of it (RFC 3030 §2). */
export interface Chunk {
  readonly sizeBytes: number;
  readonly isLast: boolean;
  readonly refusal: Reply | null;
  /** Asked before the first chunk of a message. */
  readonly begin: Begin | null;
}

/** What one command comes to. */
export type Step =
  | {
      readonly kind: "reply";
      readonly session: Session;
      readonly reply: Reply;
      /** The transaction that this ended, with nothing stored. */
      readonly dropped: Transaction | null;
    }
  | { readonly kind: "ask"; readonly session: Session; readonly ask: Ask }
  | { readonly kind: "chunk"; readonly session: Session; readonly chunk: Chunk };

export type Verb = (session: Session, argument: string, policy: Policy) => Step;

export const answer = (session: Session, reply: Reply): Step => ({
  kind: "reply",
  session,
  reply,
  dropped: null,
});

/** Ends the transaction, as RSET does. */
export const reset = (session: Session, reply: Reply): Step => ({
  kind: "reply",
  session: { ...session, transaction: null, failedChunk: null },
  reply,
  dropped: session.transaction,
});
