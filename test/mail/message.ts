import type { ValidatedMessage } from "../../functions/mail/messages.ts";

type Part = "envelope" | "message" | "kind" | "auth";

export type Differences = Partial<Omit<ValidatedMessage, Part>> & {
  readonly [Name in Part]?: Partial<ValidatedMessage[Name]>;
};

/** A plain letter to one recipient; the differences are laid over it. */
export function validated(differences: Differences = {}): ValidatedMessage {
  return {
    ...letter,
    ...differences,
    envelope: { ...letter.envelope, ...differences.envelope },
    message: { ...letter.message, ...differences.message },
    kind: { ...letter.kind, ...differences.kind },
    auth: { ...letter.auth, ...differences.auth },
  };
}

export const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const sender = { address: "ann@example.org", name: "Ann", domain: "example.org" };

const letter: ValidatedMessage = {
  version: 1,
  id,
  receivedAt: "2026-01-02T03:04:05.678Z",
  envelope: {
    mailFrom: "ann@example.org",
    rcptTo: ["hello@example.com"],
    helo: "client.example.org",
    remoteIp: "192.0.2.7",
    remotePort: 40000,
    remoteName: null,
    blockLists: [],
    tls: null,
    smtpUtf8: false,
    bodyType: "8BITMIME",
    auth: null,
    bareNewlines: false,
    longLines: false,
    requireTls: false,
    dsn: null,
  },
  raw: { bucket: "mail", key: `raw/57/${id}.eml`, sizeBytes: 1000, envelopeBytes: 400, sha256: "00" },
  isParsed: true,
  message: {
    messageId: "<1@example.org>",
    date: null,
    subject: "Your invoice",
    from: [sender],
    sender: null,
    replyTo: [],
    to: [],
    cc: [],
    headers: [
      ["Subject", "Your invoice"],
      ["X-Tag", " first "],
      ["x-tag", "second"],
    ],
    text: "Hello.",
    html: null,
    bodyTruncated: false,
  },
  bodyKey: null,
  reply: null,
  thread: { inReplyTo: null, references: [], key: "1" },
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
  auth: {
    spf: { result: "pass", domain: "example.org", aligned: true },
    dkim: [],
    dmarc: { result: "none", policy: null, domain: null },
    arc: { result: "none", sealer: null, trusted: false },
    senderVerified: false,
    header: "mx.example.com; spf=pass",
  },
};

export const attachment = (differences: Partial<ValidatedMessage["attachments"][number]> = {}) => ({
  key: `attachments/57/${id}/0`,
  filename: "a.pdf",
  originalFilename: "a.pdf",
  contentType: "application/pdf",
  sizeBytes: 10,
  sha256: "00",
  disposition: "attachment" as const,
  contentId: null,
  ...differences,
});
