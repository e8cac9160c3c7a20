import assert from "node:assert/strict";
import { openSmtpClient, type SmtpClient } from "./smtp-client.ts";
import type { TestServer } from "./smtp-server.ts";

/** All that comes before the message. */
export const transaction =
  "EHLO client.test\r\nMAIL FROM:<ann@client.test>\r\nRCPT TO:<bob@mx.test>\r\nDATA\r\n";

/** Code and enhanced code of the next replies; null is the end of the connection. */
export async function codes(client: SmtpClient, count: number): Promise<readonly (string | null)[]> {
  const replies: (string | null)[] = [];
  for (let index = 0; index < count; index++)
    replies.push((await client.reply())?.slice(0, 9).trim() ?? null);
  return replies;
}

/** A client that was told 354. */
export async function openInData(server: TestServer): Promise<SmtpClient> {
  const client = await openSmtpClient(server.port);
  client.send(transaction);
  assert.deepEqual(
    (await codes(client, 5)).map((code) => code?.slice(0, 3)),
    ["220", "250", "250", "250", "354"],
  );
  return client;
}

/** What the tally said, once the server is closed. */
export const defences = ({ events }: TestServer) =>
  events.flatMap(({ outcome, count }) => (count === undefined ? [] : [[outcome, count]]));

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
