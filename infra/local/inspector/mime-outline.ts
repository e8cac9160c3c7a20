/** The shape of a mail: its MIME entities (RFC 2045 §2.4) and how large each is, decoded. */
import type { Entity } from "../../../functions/parse/entity.ts";
import { MimeReader } from "../../../functions/parse/mime.ts";

export interface PartOutline {
  readonly contentType: string;
  readonly charset: string | null;
  readonly transferEncoding: string;
  readonly disposition: string | null;
  /** Null for what holds other parts. */
  readonly sizeBytes: number | null;
  readonly parts: readonly PartOutline[];
}

/** Null where there is no structure to be seen. */
export async function readOutline(mail: AsyncIterable<Uint8Array>): Promise<PartOutline | null> {
  const { header, body } = await splitHeader(mail);
  const sizes = new Map<Entity, number>();
  const begin = (entity: Entity) => void sizes.set(entity, 0);
  const keep = (entity: Entity, { length }: Uint8Array) =>
    void sizes.set(entity, (sizes.get(entity) ?? 0) + length);
  const reader = new MimeReader(header, body, { begin, keep });
  try {
    for await (const { entity, content } of reader.parts()) {
      begin(entity);
      for await (const bytes of content) keep(entity, bytes);
    }
  } catch (error) {
    if (!reader.isInterrupted) throw error;
  }
  return reader.tree.root && outline(reader.tree.root, sizes);
}

const outline = (entity: Entity, sizes: ReadonlyMap<Entity, number>): PartOutline => ({
  contentType: entity.contentType,
  charset: entity.charset,
  transferEncoding: entity.transferEncoding,
  disposition: entity.disposition,
  sizeBytes: sizes.get(entity) ?? null,
  parts: entity.children.map((child) => outline(child, sizes)),
});

const headerMaxBytes = 256 * 1024;

/** A header that is longer than any that the stage parse reads has no end here. */
async function splitHeader(mail: AsyncIterable<Uint8Array>) {
  const iterator = mail[Symbol.asyncIterator]();
  let bytes = Buffer.alloc(0);
  let end = -1;
  while (end < 0 && bytes.length <= headerMaxBytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    bytes = Buffer.concat([bytes, next.value]);
    end = bytes.indexOf("\r\n\r\n");
  }
  const cut = end < 0 ? bytes.length : end + 4;
  const rest = bytes.subarray(cut);
  return {
    header: end < 0 ? Buffer.concat([bytes, Buffer.from("\r\n\r\n")]) : bytes.subarray(0, cut),
    body: (async function* () {
      if (rest.length > 0) yield rest;
      for await (const chunk of { [Symbol.asyncIterator]: () => iterator }) yield Buffer.from(chunk);
    })(),
  };
}
