import type { Envelope } from "../../mail/messages.ts";
import type { CommandLine } from "./command-line.ts";
import type { IntakeEvent } from "./intake.ts";
import type { Reply } from "./reply.ts";
import { envelopeOf, type Session, type Transaction } from "./session.ts";
import type { Ask } from "./step.ts";

/** What the connection must do, in this order. Behind an {@link Ask} nothing comes until it is answered. */
export type EngineEvent =
  | Command
  | { readonly kind: "reply"; readonly reply: Reply }
  | Ask
  | IntakeEvent
  | Refused
  | { readonly kind: "close" };

/** A line was taken; told where the policy has somebody look on. */
export interface Command {
  readonly kind: "command";
  readonly line: CommandLine;
  /** It answers a challenge of AUTH. */
  readonly isResponse: boolean;
}

/** A transaction ended with nothing stored. */
export interface Refused {
  readonly kind: "refused";
  readonly envelope: Envelope;
  readonly refusedRecipients: number;
  readonly refusedTo: string | null;
  /** 0 where no message was sent. */
  readonly sizeBytes: number;
  /** Null when the connection was lost. */
  readonly reply: Reply | null;
}

export const refusedEvent = (
  session: Session,
  transaction: Transaction,
  { sizeBytes, reply }: Pick<Refused, "sizeBytes" | "reply">,
): Refused => ({
  kind: "refused",
  envelope: envelopeOf(session, transaction),
  refusedRecipients: transaction.refusedRecipients,
  refusedTo: transaction.refusedTo,
  sizeBytes,
  reply,
});
