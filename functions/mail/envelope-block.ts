import * as z from "zod";
import { PermanentError } from "./errors.ts";
import { Envelope } from "./messages.ts";
import { fieldText, type Hop, receivedField } from "./trace.ts";

/** What the block carries, whole; the two other fields are for people and mail programs. */
const Carried = z.object({
  version: z.literal(1),
  id: z.uuid(),
  receivedAt: z.iso.datetime(),
  envelope: Envelope,
});
export type CarriedEnvelope = Omit<z.infer<typeof Carried>, "version">;

/** The object metadata that says how long the block is. */
export const envelopeBytesMetadata = "envelope-bytes";

/** The metadata of a mark: an object in a message's place, which says that the message was given up and never will be there. */
export const abandonedMetadata = "abandoned";

const fieldName = "X-Mailchute-Envelope:";

/**
 * What stands before the DATA in a stored message: the reverse-path (RFC 5321 §4.4 asks for it at final delivery),
 * the envelope, and the trace field. Base64url keeps whatever a client sent from being read as a header.
 */
export function encodeEnvelopeBlock(hop: Hop): Buffer {
  const { id, receivedAt, envelope } = hop;
  const carried = JSON.stringify({ version: 1, id, receivedAt, envelope });
  // RFC 5322 §2.1.1 asks for 78 at most: a space and 75.
  const encoded = Buffer.from(carried).toString("base64url");
  let folded = "";
  for (let at = 0; at < encoded.length; at += 75) folded += `\r\n ${encoded.slice(at, at + 75)}`;
  const returnPath = `Return-Path: <${fieldText(envelope.mailFrom ?? "")}>\r\n`;
  return Buffer.from(`${returnPath}${fieldName}${folded}\r\n${receivedField(hop)}`);
}

/** The envelope in a block made by {@link encodeEnvelopeBlock}. */
export function decodeEnvelopeBlock(block: Uint8Array): CarriedEnvelope {
  const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString();
  const encoded = /^X-Mailchute-Envelope:((?:\r\n [\w-]+)+)\r\n/m.exec(text)?.[1];
  if (encoded === undefined) throw new PermanentError("envelope block: no envelope in it");
  const carried = Carried.safeParse(
    parseJson(Buffer.from(encoded.replaceAll("\r\n ", ""), "base64url").toString()),
  );
  if (!carried.success) throw new PermanentError("envelope block: not an envelope", { cause: carried.error });
  const { version: _, ...envelope } = carried.data;
  return envelope;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new PermanentError("envelope block: not JSON", { cause });
  }
}
