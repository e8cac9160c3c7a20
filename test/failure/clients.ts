/** Mail servers with much to deliver, which send again what is answered 451. */
import { openSmtpClient } from "../support/smtp-client.ts";

const connections = 10;

/** Sends that many mails, each until it is answered 250, and gives the ids that those answers name. */
export async function sendMails(
  port: number,
  count: number,
  drawRecipients: () => readonly string[],
): Promise<readonly string[]> {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const sendSome = async () => {
    const client = await openSmtpClient(port);
    await client.reply();
    client.send("EHLO client.example.org\r\n");
    await client.reply();
    const acknowledged: string[] = [];
    for (let number = numbers.pop(); number !== undefined; ) {
      const to = drawRecipients().map((one) => `RCPT TO:<${one}>`);
      const lines = ["MAIL FROM:<ann@example.org>", ...to, "DATA"];
      client.send(`${lines.join("\r\n")}\r\n`);
      const replies: (string | null)[] = [];
      for (const _ of lines) replies.push(await client.reply());
      if (replies.at(-1)?.startsWith("354") !== true) throw new Error(replies.join(""));
      client.send(mailOf(number));
      const reply = await client.reply();
      const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(reply ?? "")?.[0];
      if (reply?.startsWith("250") === true && id !== undefined) {
        acknowledged.push(id);
        number = numbers.pop();
      } else if (reply?.startsWith("451") !== true) throw new Error(String(reply));
    }
    client.destroy();
    return acknowledged;
  };
  return (await Promise.all(Array.from({ length: connections }, sendSome))).flat();
}

/** Some have an attachment, some are too large to travel inline in a queue. */
function mailOf(number: number): string {
  const head = `From: Ann <ann@example.org>\r\nSubject: ${number}\r\nMIME-Version: 1.0\r\n`;
  if (number % 50 === 1) return `${head}\r\n${`${"long ".repeat(14)}\r\n`.repeat(4_500)}.\r\n`;
  if (number % 10 === 2) return `${head}${withAttachment}.\r\n`;
  return `${head}\r\nHello.\r\n.\r\n`;
}

const withAttachment = [
  "Content-Type: multipart/mixed; boundary=b",
  "",
  "--b",
  "",
  "See below.",
  "--b",
  "Content-Type: application/octet-stream",
  "Content-Disposition: attachment; filename=a.bin",
  "Content-Transfer-Encoding: base64",
  "",
  "AAECAwQFBgcICQ==",
  "--b--",
  "",
].join("\r\n");
