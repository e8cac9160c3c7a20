/** What the inspector's list knows of one message, or of a transaction that was refused. */
import * as z from "zod";
import { stageNames } from "../../../functions/mail/stage-event.ts";

export const states = [
  "underway",
  "retrying",
  "delivered",
  "dropped",
  "quarantined",
  "dead",
  "refused",
] as const;
export const State = z.enum(states);
export type State = z.infer<typeof State>;

/** One webhook, over all its attempts. */
export const Delivery = z.object({
  endpoint: z.string(),
  /** Null until the first attempt. */
  webhookId: z.string().nullable(),
  isReplay: z.boolean(),
  state: z.enum(["queued", "delivered", "retry", "dead"]),
  attempts: z.number(),
  /** The last answer's HTTP status; null where none came. */
  status: z.number().nullable(),
  reason: z.string().nullable(),
  /** When the next attempt is due. */
  nextAt: z.iso.datetime().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** Recipients for whom a route decided against delivery. */
const Aside = z.object({
  kind: z.enum(["dropped", "quarantined", "unrouted"]),
  route: z.string().nullable(),
  reason: z.string(),
  recipients: z.string(),
});
export type Aside = z.infer<typeof Aside>;

export const Entry = z.object({
  /** Null for a refused transaction. */
  id: z.string().nullable(),
  at: z.iso.datetime(),
  state: State,
  /** The last stage that said something. */
  stage: z.enum(stageNames),
  /** Why it was refused, fails or is dead; null where all is well. */
  reason: z.string().nullable(),
  /** The reverse-path; null is `<>`. */
  mailFrom: z.string().nullable(),
  /** The recipients, by ", ". CloudWatch's lines are cut, and may name but the first: `recipients` says how many there are. */
  to: z.string(),
  recipients: z.number(),
  from: z.string().nullable(),
  subject: z.string().nullable(),
  messageId: z.string().nullable(),
  sizeBytes: z.number(),
  attachments: z.number(),
  /** Null until the message was validated. */
  verdict: z
    .object({
      spf: z.string(),
      dkim: z.string(),
      dmarc: z.string(),
      arc: z.string(),
      senderVerified: z.boolean(),
    })
    .nullable(),
  routes: z.array(z.string()),
  deliveries: z.array(Delivery),
  asides: z.array(Aside),
  /** The stage that gave the whole message up, or fails at the moment. */
  trouble: z.object({ stage: z.enum(stageNames), isDead: z.boolean(), reason: z.string() }).nullable(),
});
export type Entry = z.infer<typeof Entry>;

const shownRecipientsMax = 3;

/** The first few recipients, and how many there are beside. */
export function shownRecipients({ to, recipients }: Pick<Entry, "to" | "recipients">): string {
  const shown = to.split(", ").slice(0, shownRecipientsMax);
  const more = recipients - shown.length;
  return `${shown.join(", ")}${to !== "" && more > 0 ? ` and ${more} more` : ""}`;
}
