import type { Kind } from "../../functions/mail/kind.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { parseData } from "./parse-data.ts";

export const system = "From: Mail Delivery System <MAILER-DAEMON@relay.test>\r\nTo: ada@client.test\r\n";

export const original =
  "Received: from client.test by relay.test; Fri, 02 Jan 2026 03:04:05 +0100\nMessage-ID: <m1@client.test>\n" +
  "From: ada@client.test\nTo: lost@far.test\nSubject: Hello\n\nHello.\n";

/** A report of RFC 3464, with the fields of the recipients. */
export const report = (fields: string, returned = `message/rfc822\n\n${original}`) =>
  `${system}Subject: Report\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n` +
  `--b\n\nWords.\n--b\nContent-Type: message/delivery-status\n\nOriginal-Envelope-Id: QQ314159\nReporting-MTA: dns; relay.test\n` +
  `Arrival-Date: Fri, 2 Jan 2026 03:04:05 +0100\n\n${fields}\n` +
  `--b\nContent-Type: ${returned}\n--b--\n`;

export const bouncesOf = async (
  mail: string,
  mailFrom: string | null = "x@relay.test",
): Promise<Kind["bounce"]> => (await parseData(Buffer.from(mail), createMemoryStore(), mailFrom)).kind.bounce;

export const failed = { action: "failed", status: "5.1.1", recipient: "lost@far.test" };
export const fields = (lines: string) => `Final-Recipient: rfc822; lost@far.test\n${lines}\n`;
