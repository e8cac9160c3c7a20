import { encodeEnvelopeBlock } from "../../functions/mail/envelope-block.ts";
import { rawKey } from "../../functions/mail/keys.ts";
import type { ParsedMessage } from "../../functions/mail/messages.ts";
import { parse } from "../../functions/parse/parse.ts";
import { createMemoryStore, type MemoryStore } from "../support/memory-store.ts";

export const id = "01932b5e-7c00-7000-8000-0000000000ab";

export const envelope = {
  mailFrom: "sender@client.test",
  rcptTo: ["user@mx.test"],
  helo: "client.test",
  remoteIp: "192.0.2.1",
  remotePort: 50_000,
  remoteName: null,
  blockLists: [],
  tls: null,
  smtpUtf8: false,
  bodyType: "8BITMIME" as const,
  auth: null,
  bareNewlines: false,
  longLines: false,
  requireTls: false,
  dsn: null,
};

const receivedAt = "2026-01-02T03:04:05.678Z";

/** Stores DATA as the front end does. */
export async function storeRaw(
  data: Uint8Array,
  store: MemoryStore,
  mailFrom: string | null = envelope.mailFrom,
): Promise<string> {
  const transaction = { hostname: "mx.test", greeting: "EHLO", envelope: { ...envelope, mailFrom } } as const;
  const block = encodeEnvelopeBlock({ id, receivedAt, ...transaction });
  const metadata = { "envelope-bytes": String(block.length) };
  await store.put(rawKey(id), [block, data], { contentType: "message/rfc822", metadata });
  return rawKey(id);
}

/** Parses DATA as the stage does. */
export async function parseData(
  data: Uint8Array,
  store = createMemoryStore(),
  mailFrom: string | null = envelope.mailFrom,
): Promise<ParsedMessage> {
  const key = await storeRaw(data, store, mailFrom);
  const object = await store.get(key);
  if (object === null) throw new Error("just stored");
  return parse(key, object, { store });
}
