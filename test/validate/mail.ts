import { dkimSign } from "mailauth/lib/dkim/sign.js";
import type { Envelope, ParsedMessage } from "../../functions/mail/messages.ts";
import { signingKey } from "./zone.ts";

export const id = "01890a5d-ac96-774b-bcce-b302099a8057";
export const hostname = "mx.receiver.test";

export const envelope: Envelope = {
  mailFrom: "ann@sender.example",
  rcptTo: ["bob@receiver.test"],
  helo: "mta.sender.example",
  remoteIp: "192.0.2.1",
  remotePort: 25025,
  remoteName: null,
  blockLists: [],
  tls: null,
  smtpUtf8: false,
  bodyType: "7BIT",
  auth: null,
  bareNewlines: false,
  longLines: false,
  requireTls: false,
  dsn: null,
};

export const plain = [
  "From: Ann <ann@sender.example>",
  "To: bob@receiver.test",
  "Subject: Hello",
  "Message-ID: <1@sender.example>",
  "",
  "Hello Bob.",
  "",
].join("\r\n");

interface SignOptions {
  readonly signingDomain?: string;
  readonly maxBodyLength?: number;
  readonly signTime?: Date;
  readonly expires?: Date;
  readonly identity?: string;
}

/** The mail with a DKIM-Signature of selector `s1` on top. */
export async function sign(mail: string, options: SignOptions = {}): Promise<string> {
  const signature = { signingDomain: "sender.example", selector: "s1", privateKey: signingKey, ...options };
  const { signatures, errors } = await dkimSign(mail, { ...signature, signatureData: [signature] });
  if (signatures === "") throw new Error(JSON.stringify(errors));
  return signatures + mail;
}

export async function* chunksOf(mail: string | Buffer, sizeBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(mail);
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

export function parsedMessage(changes: Partial<ParsedMessage> = {}): ParsedMessage {
  return {
    version: 1,
    id,
    receivedAt: "2026-01-02T03:04:05.678Z",
    envelope,
    raw: {
      bucket: "memory",
      key: `raw/57/${id}.eml`,
      sizeBytes: plain.length,
      envelopeBytes: 0,
      sha256: "00",
    },
    isParsed: true,
    message: {
      messageId: "<1@sender.example>",
      date: null,
      subject: "Hello",
      from: [{ address: "ann@sender.example", name: "Ann", domain: "sender.example" }],
      sender: null,
      replyTo: [],
      to: [{ address: "bob@receiver.test", name: null, domain: "receiver.test" }],
      cc: [],
      headers: [["Subject", "Hello"]],
      text: "Hello Bob.\n",
      html: null,
      bodyTruncated: false,
    },
    bodyKey: null,
    reply: null,
    thread: { inReplyTo: null, references: [], key: "<1@sender.example>" },
    kind: {
      automatic: "no",
      bounce: null,
      feedback: null,
      receipt: null,
      list: null,
      calendar: null,
      encrypted: null,
      signed: null,
    },
    attachments: [],
    warnings: [],
    ...changes,
  };
}
