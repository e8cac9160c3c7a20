/** A mail as a client is given it. */
export interface Mail {
  readonly name: string;
  readonly octets: Buffer;
  /** Beside the one by which it is found. */
  readonly moreRecipients: readonly string[];
  readonly isSmtpUtf8: boolean;
}

const header =
  "From: Ann <ann@client.test>\r\nTo: bob@mx.test\r\nSubject: x\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <x@client.test>\r\n";
const mime =
  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n";

const mail = (name: string, text: string, more: Partial<Mail> = {}): Mail => ({
  name,
  octets: Buffer.from(text),
  moreRecipients: [],
  isSmtpUtf8: false,
  ...more,
});

export const mails: readonly Mail[] = [
  mail("7-bit", `${header}\r\nHello,  \r\n\tbob\r\n\r\n\r\n`),
  mail("8-bit", `${header}${mime}\r\nBlåbærgrød på bordet 日本\r\n`),
  mail("8-bit that is no UTF-8", "", {
    octets: Buffer.from(`${header}\r\n\xff\xfe caf\xe9 \x80\r\n`, "latin1"),
  }),
  mail("long lines", `${header}\r\n${"x".repeat(998)}\r\n${"y".repeat(999)}\r\n${"z".repeat(4000)}\r\n`),
  mail("leading dots", `${header}\r\n.\r\n..\r\n...\r\n.x\r\n. \r\n..end\r\n.\r\n`),
  mail("no final newline", `${header}\r\nthe end`),
  mail("an empty body", `${header}\r\n`),
  mail("1 MB", `${header}\r\n${`${"m".repeat(70)}\r\n.\r\n`.repeat(14_000)}`),
  mail("several recipients", `${header}\r\nto all\r\n`, {
    moreRecipients: ["carol@mx.test", "Dave+tag@mx.test", "e.f@mx.test"],
  }),
  mail("SMTPUTF8", `${header}${mime}X-Name: Jörg\r\n\r\nGrüße\r\n`, {
    moreRecipients: ["jörg@mx.test"],
    isSmtpUtf8: true,
  }),
];

/** SMTP knows no last line without an end. */
export const asLines = ({ octets }: Mail): Buffer =>
  octets.subarray(-2).toString("latin1") === "\r\n" ? octets : Buffer.concat([octets, Buffer.from("\r\n")]);
