/** The webhook's body: the one source of docs/webhook.md and docs/webhook.schema.json. */
import * as z from "zod";
import { Kind } from "../mail/kind.ts";
import {
  Attachment,
  Authentication,
  Envelope,
  MessageContent,
  Replay,
  Reply,
  type RoutedMessage,
  RoutedRecipient,
  Thread,
  Warning,
} from "../mail/messages.ts";
import type { Clock, ObjectUrls } from "../mail/ports.ts";

const signedUrl = () => ({ url: z.string(), urlExpiresAt: z.iso.datetime() });

export const PayloadAttachment = z.object({ ...Attachment.omit({ key: true }).shape, ...signedUrl() });

export const PayloadRaw = z.object({
  ...signedUrl(),
  sizeBytes: z.number().int(),
  sha256: z.string(),
  bucket: z.string(),
  key: z.string(),
});

export const PayloadMessage = z.object({ ...MessageContent.shape, bodyUrl: z.string().nullable() });

const { longLines, requireTls, dsn } = Envelope.shape;

/** Messages stored before these fields came have got them by now. */
export const PayloadEnvelope = z.object({
  ...Envelope.shape,
  longLines: longLines.unwrap(),
  requireTls: requireTls.unwrap(),
  dsn: dsn.unwrap(),
});

export const MailReceived = z.object({
  type: z.enum(["mail.received", "mail.unparsed"]),
  timestamp: z.iso.datetime(),
  data: z.object({
    id: z.string(),
    replay: Replay.nullable(),
    recipients: z.array(RoutedRecipient),
    envelope: PayloadEnvelope,
    message: PayloadMessage,
    reply: Reply.nullable(),
    thread: Thread,
    auth: Authentication,
    kind: Kind,
    attachments: z.array(PayloadAttachment),
    raw: PayloadRaw,
    warnings: z.array(Warning),
  }),
});
export type MailReceived = z.infer<typeof MailReceived>;

export interface PayloadDeps {
  readonly urls: ObjectUrls;
  readonly now: Clock;
}

/** S3 signs for 7 days at most; the retry schedule takes 66 hours, and each attempt signs anew. */
export const urlLifetimeMs = 7 * 24 * 60 * 60 * 1000;

/** The body of one delivery. Nothing in it but the URLs differs from one attempt to the next. */
export async function createPayload(
  routed: RoutedMessage,
  { urls, now }: PayloadDeps,
): Promise<MailReceived> {
  const { message } = routed;
  const expiresAtMs = now() + urlLifetimeMs;
  const urlExpiresAt = new Date(expiresAtMs).toISOString();
  const sign = async (key: string) => ({ url: await urls.sign(key, expiresAtMs), urlExpiresAt });
  const { bucket, key, sizeBytes, sha256 } = message.raw;
  return {
    type: message.isParsed ? "mail.received" : "mail.unparsed",
    timestamp: routed.receivedAt,
    data: {
      id: routed.id,
      replay: routed.replay,
      recipients: routed.recipients,
      envelope: message.envelope,
      message: {
        ...message.message,
        bodyUrl: message.bodyKey === null ? null : (await sign(message.bodyKey)).url,
      },
      reply: message.reply,
      thread: message.thread,
      auth: message.auth,
      kind: message.kind,
      attachments: await Promise.all(
        message.attachments.map(async ({ key: attachmentKey, ...attachment }) => ({
          ...attachment,
          ...(await sign(attachmentKey)),
        })),
      ),
      raw: { ...(await sign(key)), sizeBytes, sha256, bucket, key },
      warnings: message.warnings,
    },
  };
}
