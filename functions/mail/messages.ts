/** What the stages hand to each other: the bodies of the queues, and nothing else. */
import * as z from "zod";
import { Dsn } from "./dsn.ts";
import { Kind } from "./kind.ts";

const identity = { version: z.literal(1), id: z.string(), receivedAt: z.iso.datetime() };

/** What the SMTP transaction said (RFC 5321 §2.3.1) and where it came from. */
export const Envelope = z.object({
  /** The reverse-path; null is `<>`. */
  mailFrom: z.string().nullable(),
  rcptTo: z.array(z.string()),
  helo: z.string(),
  remoteIp: z.string(),
  remotePort: z.number().int(),
  /** What DNS calls the address, and leads back to it; null where it does not say so, or was not asked. */
  remoteName: z.string().nullable(),
  /** The DNS block lists that name the address. */
  blockLists: z.array(z.string()),
  tls: z.object({ version: z.string(), cipher: z.string() }).nullable(),
  smtpUtf8: z.boolean(),
  bodyType: z.enum(["7BIT", "8BITMIME", "BINARYMIME"]),
  /** The user that authenticated; null when none did. */
  auth: z.string().nullable(),
  /** A bare CR, bare LF or NUL stands in the message. */
  bareNewlines: z.boolean(),
  /** A line of more than 1,000 octets stands in the message. */
  longLines: z.boolean().default(false),
  /** The sender wants TLS on every further way (RFC 8689). */
  requireTls: z.boolean().default(false),
  /** Null where nothing is asked. */
  dsn: Dsn.nullable().default(null),
});
export type Envelope = z.infer<typeof Envelope>;

/** The stored object: `envelopeBytes` of envelope block, then the DATA exactly as sent, dot-unstuffing aside. */
export const RawObject = z.object({
  bucket: z.string(),
  key: z.string(),
  /** Size of the DATA alone. */
  sizeBytes: z.number().int(),
  envelopeBytes: z.number().int(),
});
export type RawObject = z.infer<typeof RawObject>;

/** Stage smtp gives: a message that is durably stored. */
export const ReceivedMessage = z.object({ ...identity, envelope: Envelope, raw: RawObject });
export type ReceivedMessage = z.infer<typeof ReceivedMessage>;

export const Address = z.object({ address: z.string(), name: z.string().nullable(), domain: z.string() });
export type Address = z.infer<typeof Address>;

export const Warning = z.object({ code: z.string(), detail: z.string() });
export type Warning = z.infer<typeof Warning>;

export const MessageContent = z.object({
  messageId: z.string().nullable(),
  /** ISO 8601; null when absent or unreadable. */
  date: z.string().nullable(),
  subject: z.string().nullable(),
  from: z.array(Address),
  sender: Address.nullable(),
  replyTo: z.array(Address),
  to: z.array(Address),
  cc: z.array(Address),
  /** In the order of the message, duplicates kept. */
  headers: z.array(z.tuple([z.string(), z.string()])),
  text: z.string().nullable(),
  /** As sent: NOT sanitised. */
  html: z.string().nullable(),
  /** True when text or html is longer than what stands here. */
  bodyTruncated: z.boolean(),
});
export type MessageContent = z.infer<typeof MessageContent>;

export const Attachment = z.object({
  /** Where the store has it. */
  key: z.string(),
  /** Safe: no path, no control or bidi characters, never empty. */
  filename: z.string(),
  originalFilename: z.string().nullable(),
  contentType: z.string(),
  sizeBytes: z.number().int(),
  /** Hex. */
  sha256: z.string(),
  disposition: z.enum(["attachment", "inline"]),
  contentId: z.string().nullable(),
});
export type Attachment = z.infer<typeof Attachment>;

export const Reply = z.object({
  text: z.string(),
  quoted: z.string().nullable(),
  signature: z.string().nullable(),
});
export type Reply = z.infer<typeof Reply>;

export const Thread = z.object({
  inReplyTo: z.string().nullable(),
  references: z.array(z.string()),
  key: z.string(),
});
export type Thread = z.infer<typeof Thread>;

export const Replay = z.object({ at: z.iso.datetime(), reason: z.string().nullable() });

/** A stored message that goes through the stages once more; only for the deliveries by that route, or to that endpoint. */
export const ReplayOrder = Replay.extend({ route: z.string().optional(), endpoint: z.string().optional() });
export type ReplayOrder = z.infer<typeof ReplayOrder>;

/** Stage parse gives. `isParsed: false` is a message whose MIME could not be read: `warnings` says why. */
export const ParsedMessage = z.object({
  ...identity,
  envelope: Envelope,
  raw: RawObject.extend({ sha256: z.string() }),
  isParsed: z.boolean(),
  message: MessageContent,
  /** Where the whole text and HTML lie as JSON when `message.bodyTruncated`. */
  bodyKey: z.string().nullable(),
  reply: Reply.nullable(),
  thread: Thread,
  kind: Kind,
  attachments: z.array(Attachment),
  warnings: z.array(Warning),
  replay: ReplayOrder.optional(),
});
export type ParsedMessage = z.infer<typeof ParsedMessage>;

export const SpfResult = z.enum(["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]);
export const DkimResult = z.enum(["none", "neutral", "pass", "fail", "policy", "temperror", "permerror"]);
export const DmarcResult = z.enum(["none", "pass", "fail", "temperror", "permerror"]);
export const ArcResult = z.enum(["none", "pass", "fail"]);

export const Authentication = z.object({
  spf: z.object({ result: SpfResult, domain: z.string().nullable(), aligned: z.boolean() }),
  dkim: z.array(
    z.object({
      result: DkimResult,
      domain: z.string(),
      selector: z.string(),
      aligned: z.boolean(),
      /** The signature covers only the first `l=` octets of the body (RFC 6376 §8.2). */
      bodyLengthLimited: z.boolean(),
      detail: z.string().nullable(),
    }),
  ),
  dmarc: z.object({
    result: DmarcResult,
    policy: z.enum(["none", "quarantine", "reject"]).nullable(),
    domain: z.string().nullable(),
  }),
  arc: z.object({
    result: ArcResult,
    sealer: z.string().nullable(),
    /** A sealer that the config trusts saw DMARC pass. */
    trusted: z.boolean(),
  }),
  /** DMARC passed: the one thing to check before acting in the sender's name. */
  senderVerified: z.boolean(),
  /** The Authentication-Results value (RFC 8601). */
  header: z.string(),
});
export type Authentication = z.infer<typeof Authentication>;

/** Stage validate gives. */
export const ValidatedMessage = ParsedMessage.extend({ auth: Authentication });
export type ValidatedMessage = z.infer<typeof ValidatedMessage>;

export const RoutedRecipient = z.object({
  address: z.string(),
  route: z.string(),
  captures: z.record(z.string(), z.string()),
});
export type RoutedRecipient = z.infer<typeof RoutedRecipient>;

/** Stage route gives one for each endpoint. */
export const RoutedMessage = z.object({
  ...identity,
  endpoint: z.string(),
  /** Those of this delivery, each with the route that took it. */
  recipients: z.array(RoutedRecipient),
  replay: Replay.nullable(),
  message: ValidatedMessage,
});
export type RoutedMessage = z.infer<typeof RoutedMessage>;

/** Stage deliver gives one for each attempt. */
export const DeliveryReceipt = z.object({
  ...identity,
  endpoint: z.string(),
  webhookId: z.string(),
  /** 1 for the first. */
  attempt: z.number().int(),
  outcome: z.enum(["delivered", "retry", "dead"]),
  /** The HTTP status; null when no answer came. */
  status: z.number().int().nullable(),
  durationMs: z.number(),
  reason: z.string().nullable(),
});
export type DeliveryReceipt = z.infer<typeof DeliveryReceipt>;
