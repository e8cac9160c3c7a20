/** What sort of mail it is. */
import * as z from "zod";

/** What RFC 3464 reports of one recipient. */
const Bounce = z.object({
  action: z.string(),
  status: z.string(),
  recipient: z.string(),
  finalRecipient: z.string().nullable(),
  diagnostic: z.string().nullable(),
  remoteMta: z.string().nullable(),
  reportingMta: z.string().nullable(),
  arrivedAt: z.string().nullable(),
  lastAttemptAt: z.string().nullable(),
  willRetryUntil: z.string().nullable(),
  envelopeId: z.string().nullable(),
  originalMessageId: z.string().nullable(),
});

export const Kind = z.object({
  automatic: z.enum(["no", "auto-replied", "auto-generated", "vacation"]),
  bounce: z.array(Bounce).nullable(),
  /** RFC 5965. */
  feedback: z
    .object({
      type: z.string(),
      recipients: z.array(z.string()),
      sourceIp: z.string().nullable(),
      arrivedAt: z.string().nullable(),
      originalMessageId: z.string().nullable(),
    })
    .nullable(),
  /** RFC 8098. */
  receipt: z
    .object({
      disposition: z.string(),
      recipient: z.string(),
      originalMessageId: z.string().nullable(),
    })
    .nullable(),
  list: z
    .object({ id: z.string().nullable(), unsubscribe: z.array(z.string()), oneClick: z.boolean() })
    .nullable(),
  calendar: z
    .object({
      method: z.string(),
      uid: z.string(),
      start: z.string().nullable(),
      end: z.string().nullable(),
      summary: z.string().nullable(),
    })
    .nullable(),
  encrypted: z.enum(["pgp", "smime"]).nullable(),
  signed: z.enum(["pgp", "smime"]).nullable(),
});
export type Kind = z.infer<typeof Kind>;
