/** Mails to try things with: one of each kind that an application meets. */
export interface Mail {
  /** The reverse-path; null is `<>`. */
  readonly mailFrom: string | null;
  readonly rcptTo: readonly string[];
  readonly content: MailContent | { readonly raw: string | Buffer };
}

export interface MailContent {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly inReplyTo?: string;
  readonly attachments?: readonly MailAttachment[];
  readonly calendar?: string;
}

export interface MailAttachment {
  readonly filename: string;
  readonly content: string | Buffer;
  readonly contentType?: string;
  /** An inline image's name in `cid:` URLs. */
  readonly cid?: string;
}

export interface Parties {
  readonly from: string;
  readonly to: readonly string[];
}

/** A square of one pixel. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const sent = ({ from, to }: Parties, content: Omit<MailContent, "from" | "to">): Mail => ({
  mailFrom: from,
  rcptTo: to,
  content: { from, to, ...content },
});

export const templates = {
  plain: (parties) =>
    sent(parties, { subject: "A plain mail", text: "Hello,\n\nthis is text and nothing else.\n" }),
  html: (parties) =>
    sent(parties, {
      subject: "A mail with HTML and an inline image",
      text: "The same in text.",
      html: '<h1>Hello</h1><p>This is <b>HTML</b> with an image: <img src="cid:pixel" alt="a pixel" width="16"></p>',
      attachments: [{ filename: "pixel.png", content: pixel, contentType: "image/png", cid: "pixel" }],
    }),
  attachment: (parties) =>
    sent(parties, {
      subject: "The invoice, attached",
      text: "Please find the invoice attached.",
      attachments: [
        { filename: "invoice 2026-11.csv", content: "item,price\nmail,0\n", contentType: "text/csv" },
        { filename: "pixel.png", content: pixel, contentType: "image/png" },
      ],
    }),
  reply: (parties) =>
    sent(parties, {
      subject: "Re: Your order",
      text: "Yes, please.\n\n-- \nAnn\n\nOn Tue, 24 Nov 2026 at 10:00, Shop <shop@example.com> wrote:\n> Shall we send it\n> tomorrow?\n",
      inReplyTo: "<order-1@example.com>",
    }),
  calendar: (parties) =>
    sent(parties, { subject: "Invitation: Lunch", text: "You are invited.", calendar: invitation(parties) }),
  bounce: ({ from, to }) => ({ mailFrom: null, rcptTo: to, content: { raw: bounce(from, to) } }),
  spoofed: ({ to }) => ({
    mailFrom: "bulk@mailer.example.net",
    rcptTo: to,
    content: {
      from: "Your Bank <service@bank.example>",
      to,
      subject: "Your account is locked",
      text: "This From was never asked. DMARC says so where the domain has a record.",
    },
  }),
} as const satisfies Record<string, (parties: Parties) => Mail>;

export type TemplateName = keyof typeof templates;

const invitation = ({ from, to }: Parties) =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Mailchute//EN",
    "METHOD:REQUEST",
    "BEGIN:VEVENT",
    "UID:lunch@mailchute",
    "DTSTAMP:20261124T100000Z",
    "DTSTART:20261201T120000Z",
    "DTEND:20261201T130000Z",
    "SUMMARY:Lunch",
    `ORGANIZER:mailto:${from}`,
    ...to.map((address) => `ATTENDEE;RSVP=TRUE:mailto:${address}`),
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

/** RFC 3464. */
const bounce = (from: string, to: readonly string[]) =>
  [
    "From: Mail Delivery System <mailer-daemon@mx.example.org>",
    `To: ${to.join(", ")}`,
    "Subject: Undelivered Mail Returned to Sender",
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="report"',
    "",
    "--report",
    "Content-Type: text/plain",
    "",
    `Your mail to ${from} could not be delivered.`,
    "",
    "--report",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example.org",
    "",
    `Final-Recipient: rfc822; ${from}`,
    "Action: failed",
    "Status: 5.1.1",
    "Diagnostic-Code: smtp; 550 5.1.1 No such user",
    "",
    "--report",
    "Content-Type: text/rfc822-headers",
    "",
    "Message-ID: <lost-1@example.com>",
    "Subject: The lost mail",
    "",
    "--report--",
    "",
  ].join("\r\n");
