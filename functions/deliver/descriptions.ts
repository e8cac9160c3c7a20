/** A sentence for every field of the payload: what docs/webhook.md and docs/webhook.schema.json say of it. */
import * as z from "zod";
import { Dsn, DsnRecipient } from "../mail/dsn.ts";
import { Kind } from "../mail/kind.ts";
import {
  Address,
  Authentication,
  Replay,
  Reply,
  RoutedRecipient,
  Thread,
  Warning,
} from "../mail/messages.ts";
import { MailReceived, PayloadAttachment, PayloadEnvelope, PayloadMessage, PayloadRaw } from "./payload.ts";

export const descriptions = z.registry<{ readonly description?: string; readonly id?: string }>();

/** The type demands a sentence for each field, so that a new field cannot come without one. */
function describe<Shape extends z.ZodRawShape>(
  { shape }: z.ZodObject<Shape>,
  sentences: Readonly<Record<keyof Shape & string, string>>,
): void {
  const fields: z.ZodRawShape = shape;
  for (const [name, description] of Object.entries<string>(sentences)) {
    const field = fields[name];
    // A schema that two fields share would say the same of both.
    if (field === undefined || descriptions.has(field)) throw new Error(`${name} cannot be described`);
    descriptions.add(field, { description });
  }
}

descriptions.add(Address, { id: "Address" });
describe(Address, {
  address: "As written, the domain in lower case.",
  name: "The display name, decoded.",
  domain: "What follows the last `@`, in lower case.",
});

describe(MailReceived, {
  type: "`mail.unparsed` where the MIME could not be read: envelope, raw and warnings are still here.",
  timestamp: "When the mail was acknowledged with 250.",
  data: "The mail.",
});
describe(MailReceived.shape.data, {
  id: "Stable over retries and replays; also in the 250 reply, in every log line and in `raw.key`.",
  replay: "Where this delivery repeats an earlier one on request; it has a `webhook-id` of its own.",
  recipients: "Those of this delivery.",
  envelope: "What the SMTP transaction said, and where it came from.",
  message: "Headers and bodies.",
  reply: "`message.text` without quotes and signature, which stand beside it; null where there is no text.",
  thread: "What the mail answers.",
  auth: "Who vouches for the mail.",
  kind: "What sort of mail it is.",
  attachments: "In the order of the message.",
  raw: "The mail as stored.",
  warnings: "What was odd about the mail, or could not be done.",
});
describe(Replay, { at: "When it was asked for.", reason: "Why, in the words of whoever asked." });
describe(RoutedRecipient, {
  address: "As in RCPT TO.",
  route: "The route that took it.",
  captures: "What the route's pattern captured: `{ticket}` gives `ticket`.",
});
describe(PayloadEnvelope, {
  mailFrom: "The reverse-path; null is `<>`, as bounces have it.",
  rcptTo: "Every recipient of the transaction.",
  helo: "The name that the client gave itself.",
  remoteIp: "The address that the client came from.",
  remotePort: "The port that the client came from.",
  remoteName:
    "The name that DNS gives the address and that leads back to it; null where it was not found or not asked for.",
  blockLists: "The DNS block lists that name the address, of those that were asked.",
  tls: "Null without TLS.",
  smtpUtf8: "Addresses and headers may be UTF-8 (RFC 6531).",
  bodyType: "The BODY parameter of MAIL (RFC 6152, RFC 3030).",
  auth: "The user that authenticated.",
  bareNewlines: "A bare CR, bare LF or NUL stands in the message.",
  longLines: "A line of more than 1,000 octets stands in the message.",
  requireTls: "The sender wants TLS on every further way (RFC 8689).",
  dsn: "What the sender asks to be told about delivery (RFC 3461); null where nothing.",
});
describe(Dsn, {
  ret: "How much of the mail a notice of failure should hold: `FULL` or `HDRS`; null where not said.",
  envid: "What the sender calls this transaction; null where not said.",
  recipients: "Those for which something is asked.",
});
describe(DsnRecipient, {
  recipient: "As in RCPT TO.",
  notify: "When the sender wants to be told; empty where not said.",
  orcpt: "The recipient as the sender first wrote it; null where not said.",
});
describe(DsnRecipient.shape.orcpt.unwrap(), { type: "Such as `rfc822` or `utf-8`.", address: "Decoded." });
describe(PayloadEnvelope.shape.tls.unwrap(), {
  version: "Such as `TLSv1.3`.",
  cipher: "The cipher suite's name.",
});
describe(PayloadMessage, {
  messageId: "The Message-ID, angle brackets included.",
  date: "ISO 8601; null when absent or unreadable, never the present.",
  subject: "Decoded.",
  from: "The authors; judge them by `auth.senderVerified`.",
  sender: "Who sent for the authors.",
  replyTo: "Where answers should go.",
  to: "As the header says, which need not be who got it.",
  cc: "As the header says.",
  headers: "Name and value in the order of the message, duplicates kept.",
  text: "UTF-8 with `\\n` line ends.",
  html: "UTF-8 with `\\n` line ends. NOT sanitised: it may hold scripts.",
  bodyTruncated: "Text or HTML is longer than what stands here.",
  bodyUrl: "Where the whole text and HTML are, as JSON, when `bodyTruncated`; expires with `raw.url`.",
});
describe(Reply, {
  text: "What the sender wrote this time. Where that is unsure, all of it.",
  quoted: "What was quoted below or above; a quote between two answers stays in the text.",
  signature: "The signature that ended it, with its delimiter, or what a phone added.",
});
describe(Thread, {
  inReplyTo: "The Message-ID that this mail answers.",
  references: "The Message-IDs of the thread, oldest first.",
  key: "The same for all mails of a thread.",
});
describe(Authentication, {
  spf: "Whether the address may send for the domain of `mailFrom`, or of `helo` for `<>` (RFC 7208).",
  dkim: "One for each signature (RFC 6376); empty for an unsigned mail.",
  dmarc: "Whether the From domain stands behind the mail (RFC 9989).",
  arc: "Whether a chain of forwarders vouches for earlier results (RFC 8617).",
  senderVerified:
    "The one thing to check before acting in the sender's name: DMARC passed, and not by a signature that leaves part of the body unsigned.",
  header: "The Authentication-Results value (RFC 8601).",
});
describe(Authentication.shape.spf, {
  result: "`temperror` where DNS did not answer.",
  domain: "The domain that was asked; null where none was named.",
  aligned: "It is the From domain, or aligns with it under its DMARC record; says nothing unless `pass`.",
});
describe(Authentication.shape.dkim.element, {
  result: "`policy` where the signature was not looked at, or is too weak.",
  domain: "The signing domain (`d=`).",
  selector: "The key's selector (`s=`).",
  aligned: "It is the From domain, or aligns with it under its DMARC record; says nothing unless `pass`.",
  bodyLengthLimited: "The signature has `l=`, and covers the beginning of the body only.",
  detail: "Why it did not pass.",
});
describe(Authentication.shape.dmarc, {
  result: "`fail` also where From names no domain, or more than one.",
  policy: "What the domain asks for where DMARC fails.",
  domain: "The From domain that was judged.",
});
describe(Authentication.shape.arc, {
  result: "Of the whole chain.",
  sealer: "The last sealer, when `pass`.",
  trusted:
    "The chain passes, and a sealer of the config's `trustedArcSealers` saw DMARC pass: then routes see DMARC as `arc` where it fails.",
});
describe(Kind, {
  automatic: "Not written by a person now (RFC 3834): answering it may make a loop.",
  bounce:
    "A report that mail was not delivered: one entry for each recipient it names, none where it names nobody.",
  feedback: "A complaint about mail, as mailbox providers send it (RFC 5965).",
  receipt: "A read receipt (RFC 8098).",
  list: "Mail of a mailing list.",
  calendar: "An invitation, or an answer to one.",
  encrypted: "The body is encrypted.",
  signed: "The body carries a signature of its own, which is not verified.",
});
describe(Kind.shape.bounce.unwrap().element, {
  action: "`failed` or `delayed` (RFC 3464).",
  status: "Such as `5.1.1` (RFC 3463); `5.0.0` or `4.0.0` where the report says no more.",
  recipient: "The address that could not be reached, as the mail's sender wrote it where the report says.",
  finalRecipient: "What that address had become when it failed.",
  diagnostic: "What its server said.",
  remoteMta: "That server.",
  reportingMta: "The server that gave up, or tries again.",
  arrivedAt: "When the mail came to the reporting server, ISO 8601.",
  lastAttemptAt: "When it last tried, ISO 8601.",
  willRetryUntil: "Until when it tries again, ISO 8601.",
  envelopeId: "The ENVID that the mail's sender gave it in SMTP (RFC 3461).",
  originalMessageId: "The Message-ID of the mail that bounced.",
});
describe(Kind.shape.feedback.unwrap(), {
  type: "Such as `abuse`, `fraud`, `not-spam` or `auth-failure`.",
  recipients: "Who complained, where the report says.",
  sourceIp: "The address that the mail came from.",
  arrivedAt: "When the mail arrived there, ISO 8601.",
  originalMessageId: "The Message-ID of the mail that the complaint is about.",
});
describe(Kind.shape.receipt.unwrap(), {
  disposition: "Such as `displayed` or `deleted`.",
  recipient: "Who the mail was for.",
  originalMessageId: "The Message-ID of the mail that was read.",
});
describe(Kind.shape.list.unwrap(), {
  id: "The List-Id.",
  unsubscribe: "The List-Unsubscribe URLs.",
  oneClick: "One POST to the URL unsubscribes (RFC 8058).",
});
describe(Kind.shape.calendar.unwrap(), {
  method: "Such as `REQUEST`, `REPLY` or `CANCEL` (RFC 5546).",
  uid: "The same for all mails about one event.",
  start: "ISO 8601.",
  end: "ISO 8601.",
  summary: "The event's title.",
});
describe(PayloadAttachment, {
  filename: "Safe to use: no path, no control or bidi characters, never empty.",
  originalFilename: "As the mail names it. Not safe to use.",
  contentType: "As the mail declares it.",
  sizeBytes: "Decoded.",
  sha256: "Hex, of the decoded content.",
  disposition: "`inline` is meant to be shown within the HTML.",
  contentId: "What `cid:` URLs of the HTML name, without angle brackets.",
  url: "Readable by whoever has it, until it expires.",
  urlExpiresAt: "Ask for a replay to get a new URL.",
});
describe(PayloadRaw, {
  url: "The object: an envelope block (Return-Path, X-Mailchute-Envelope, Received), then the mail as sent.",
  urlExpiresAt: "Ask for a replay to get a new URL.",
  sizeBytes: "Of the mail as sent: the last bytes of the object.",
  sha256: "Hex, of the mail as sent.",
  bucket: "Where it lies.",
  key: "Where it lies in the bucket.",
});
describe(Warning, { code: "A short word.", detail: "A sentence for people." });
