/** Mail at a steady rate, whatever becomes of it: who is slow is not spared the mail that comes meanwhile. */
import { setTimeout as afterMs } from "node:timers/promises";
import { openSmtpClient, type SmtpClient } from "../../support/smtp-client.ts";

export interface Pace {
  readonly port: number;
  readonly mailsPerSecond: number;
  readonly seconds: number;
  /** The number of the first mail. */
  readonly first: number;
}

export interface SentMail {
  readonly number: number;
  /** When it was due to be sent, by `performance.now()`. */
  readonly dueMs: number;
  /** When the 250 came. */
  readonly acknowledgedMs: number;
}

const connectionsMax = 100;
const transaction = "MAIL FROM:<ann@example.org>\r\nRCPT TO:<desk@example.com>\r\nDATA\r\n";

/** Sends each mail when it is due, over connections that are kept open; a mail waits where all of them are busy. */
export async function sendPaced({
  port,
  mailsPerSecond,
  seconds,
  first,
}: Pace): Promise<readonly SentMail[]> {
  const idle: SmtpClient[] = [];
  let open = 0;
  const waiting: ((client: SmtpClient) => void)[] = [];
  const take = async (): Promise<SmtpClient> => {
    const client = idle.pop();
    if (client !== undefined) return client;
    if (open < connectionsMax) {
      open += 1;
      return openTo(port);
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const give = (client: SmtpClient) => {
    const next = waiting.shift();
    if (next === undefined) idle.push(client);
    else next(client);
  };
  const send = async (number: number, dueMs: number): Promise<SentMail> => {
    const client = await take();
    client.send(transaction);
    for (let replies = 0; replies < 3; replies += 1) await expect(client, /^[23]/);
    client.send(mailOf(number));
    await expect(client, /^250/);
    give(client);
    return { number, dueMs, acknowledgedMs: performance.now() };
  };
  const startedMs = performance.now();
  const sent: Promise<SentMail>[] = [];
  for (let count = 0; count < mailsPerSecond * seconds; count += 1) {
    const dueMs = startedMs + (count * 1000) / mailsPerSecond;
    const leftMs = dueMs - performance.now();
    if (leftMs > 1) await afterMs(leftMs);
    sent.push(send(first + count, dueMs));
  }
  const mails = await Promise.all(sent);
  for (const client of idle) client.destroy();
  return mails;
}

async function openTo(port: number): Promise<SmtpClient> {
  const client = await openSmtpClient(port);
  await expect(client, /^220/);
  client.send("EHLO bench.example.org\r\n");
  await expect(client, /^250/);
  return client;
}

async function expect(client: SmtpClient, pattern: RegExp): Promise<void> {
  const reply = await client.reply();
  if (reply === null || !pattern.test(reply)) throw new Error(`refused: ${reply}`);
}

const lines = `${"The quick brown fox jumps over the lazy dog, and so on.\r\n".repeat(70)}`;

/** About 4 KB. */
const mailOf = (number: number) =>
  `From: Ann <ann@example.org>\r\nTo: desk@example.com\r\nSubject: bench-${number}\r\n` +
  `Message-ID: <${number}@example.org>\r\n\r\n${lines}.\r\n`;
