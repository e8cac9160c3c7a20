import { createHash } from "node:crypto";
import { decodeEnvelopeBlock, envelopeBytesMetadata } from "../mail/envelope-block.ts";
import { PermanentError } from "../mail/errors.ts";
import { bodyKey, idOfRawKey } from "../mail/keys.ts";
import { limits } from "../mail/limits.ts";
import { LineEnds } from "../mail/line-ends.ts";
import type { ParsedMessage } from "../mail/messages.ts";
import type { ObjectStore, StoredObject } from "../mail/ports.ts";
import { type Body, readBody } from "./body.ts";
import { ByteReader } from "./byte-reader.ts";
import { type HeaderEnd, HeaderGuard } from "./guard.ts";
import { type HeaderContent, readHeader } from "./header.ts";
import { parseHeaderFields } from "./header-fields.ts";
import { judgeKind } from "./kind.ts";
import { parseReply } from "./reply.ts";
import { type Bodies, cutText } from "./text-and-html.ts";
import { parseThread } from "./threads.ts";
import { Warnings } from "./warnings.ts";

export interface ParseDeps {
  readonly store: ObjectStore;
}

/**
 * Reads one stored message once, from its first byte to its last, in bounded memory. What cannot be read of it is a
 * warning; a throw is the store's, or an object that is no stored message.
 */
export async function parse(key: string, object: StoredObject, { store }: ParseDeps): Promise<ParsedMessage> {
  const envelopeBytes = envelopeBytesOf(key, object);
  const stored = new ByteReader(object.body);
  try {
    const { id, receivedAt, envelope } = decodeEnvelopeBlock(await stored.take(envelopeBytes));
    if (id !== idOfRawKey(key)) throw new PermanentError(`${key}: holds message ${id}`);
    const hash = createHash("sha256");
    const lineEnds = new LineEnds();
    let sizeBytes = 0;
    const data = new ByteReader(stored, (bytes) => {
      hash.update(bytes);
      lineEnds.look(bytes);
      sizeBytes += bytes.length;
    });
    const parsed = await readMessage(data, { store, id, mailFrom: envelope.mailFrom });
    await data.drain();
    if (envelopeBytes + sizeBytes !== object.sizeBytes)
      throw new Error(`${key}: ended at ${sizeBytes} bytes`);
    const raw = { bucket: store.bucket, key, sizeBytes, envelopeBytes, sha256: hash.digest("hex") };
    // The block of a large message was written before the message was known.
    return { version: 1, id, receivedAt, envelope: { ...envelope, ...lineEnds.findings }, raw, ...parsed };
  } finally {
    await stored.close();
  }
}

type Parsed = Omit<ParsedMessage, "version" | "id" | "receivedAt" | "envelope" | "raw">;

interface BodyDeps extends ParseDeps {
  readonly id: string;
}

interface MessageDeps extends BodyDeps {
  readonly mailFrom: string | null;
}

async function readMessage(data: ByteReader, { store, id, mailFrom }: MessageDeps): Promise<Parsed> {
  const warnings = new Warnings();
  const warn = warnings.add;
  const { bytes, rest, excess } = await findHeaderEnd(data);
  const fields = parseHeaderFields(bytes, warn);
  const isHeader = fields.all.length > 0;
  data.putBack(rest);
  // Without a single field there is no header: all of it is text.
  if (!isHeader) data.putBack(bytes);
  if (isHeader && excess !== null) warn("header-too-large", excess);
  const body = isHeader && excess !== null ? unread : await readBody(fields, data, { store, id, warn });
  const header = readHeader(fields, warn);
  const { messageId, subject } = header;
  const laid = await layBodies(body, { store, id }, header);
  return {
    isParsed: body.isParsed,
    ...laid,
    reply: laid.message.text === null ? null : parseReply(laid.message.text),
    thread: parseThread({ fields, messageId, subject, id }),
    kind: judgeKind({ ...body, fields, header, mailFrom }),
    attachments: body.attachments,
    warnings: warnings.list(),
  };
}

const unread: Body = {
  isParsed: false,
  text: null,
  html: null,
  attachments: [],
  excerpts: [],
  contentType: "text/plain",
  parameters: new Map(),
};

async function findHeaderEnd(data: ByteReader): Promise<HeaderEnd> {
  const guard = new HeaderGuard();
  for await (const bytes of data) {
    const end = guard.feed(bytes);
    if (end !== null) return end;
  }
  return guard.end();
}

function envelopeBytesOf(key: string, { metadata }: StoredObject): number {
  if (idOfRawKey(key) === null) throw new PermanentError(`${key}: not the key of a raw message`);
  const value = metadata[envelopeBytesMetadata] ?? "";
  if (!/^\d{1,7}$/.test(value))
    throw new PermanentError(`${key}: no ${envelopeBytesMetadata} in its metadata`);
  return Number(value);
}

/** Bodies travel with the message up to the limit; longer ones are cut there and lie whole in the store. */
async function layBodies({ text, html }: Bodies, { store, id }: BodyDeps, header: HeaderContent) {
  const inline = {
    text: text === null ? null : cutText(text, limits.bodyInlineMaxBytes),
    html: html === null ? null : cutText(html, limits.bodyInlineMaxBytes),
  };
  const bodyTruncated = inline.text !== text || inline.html !== html;
  const key = bodyTruncated ? bodyKey(id) : null;
  const json = { contentType: "application/json" };
  if (key !== null) await store.put(key, [Buffer.from(JSON.stringify({ text, html }))], json);
  return { message: { ...header, ...inline, bodyTruncated }, bodyKey: key };
}
