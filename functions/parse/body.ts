import type { Attachment } from "../mail/messages.ts";
import type { ObjectStore } from "../mail/ports.ts";
import { storeAttachment } from "./attachments.ts";
import type { ByteReader } from "./byte-reader.ts";
import { isBody, isEncodingKnown } from "./entity.ts";
import { type Excerpt, ExcerptCollector } from "./excerpts.ts";
import type { HeaderFields } from "./header-fields.ts";
import { MimeReader, type Part } from "./mime.ts";
import { type Bodies, BodyCollector } from "./text-and-html.ts";
import type { Warn } from "./warnings.ts";

export interface Body extends Bodies {
  /** False where the MIME could not be read to its end; a warning says why, and the rest is what came before. */
  readonly isParsed: boolean;
  readonly attachments: Attachment[];
  readonly excerpts: readonly Excerpt[];
  /** Of the message itself. */
  readonly contentType: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface BodyDeps {
  readonly store: ObjectStore;
  readonly id: string;
  readonly warn: Warn;
}

/** Reads the body that `fields` is the header of: text and HTML into memory, all else into the store. */
export async function readBody(fields: HeaderFields, data: ByteReader, deps: BodyDeps): Promise<Body> {
  const bodies = new BodyCollector(deps.warn);
  const reader = new MimeReader(mimeHeader(fields), data, bodies);
  const attachments: Attachment[] = [];
  const excerpts = new ExcerptCollector();
  const take = async (part: Part) => {
    const { entity, content } = part;
    if (isBody(entity)) return bodies.take(entity, content);
    if (!isEncodingKnown(entity)) deps.warn("encoding-unknown", entity.transferEncoding);
    attachments.push(await storeAttachment(part, { ...deps, index: attachments.length, excerpts }));
  };
  try {
    for await (const part of reader.parts()) await take(part);
  } catch (error) {
    // A part that cannot be read on throws in whoever reads it; all else is the store's.
    if (!reader.isInterrupted) throw error;
  }
  const { failure, tree, contentTypeParameters: parameters } = reader;
  if (failure !== null) deps.warn(failure.code, failure.detail);
  for (const [entity, bytes] of tree.childless()) {
    if (failure === null) deps.warn("boundary-missing", entity.contentType);
    if (!isDelimiters(bytes)) bodies.takeUnclaimed(entity, bytes);
  }
  const contentType = tree.root?.contentType ?? "text/plain";
  const { text, html } = tree.root === null ? { text: null, html: null } : bodies.finish(tree.root);
  return {
    isParsed: failure === null,
    attachments,
    excerpts: excerpts.list,
    contentType,
    parameters,
    text,
    html,
  };
}

/** Nothing but what looks like boundaries: no text. */
const isDelimiters = (bytes: Buffer) =>
  bytes
    .toString("latin1")
    .split("\n")
    .every((line) => /^--|^\s*$/.test(line));

/** Of the header, what concerns the MIME reader. */
function mimeHeader({ all }: HeaderFields): Buffer {
  const fields = all.filter(({ name }) => /^content-/i.test(name));
  const lines = fields.map(({ name, raw }) => `${name}: ${withSemicolon(raw)}\r\n`);
  return Buffer.from(`${lines.join("")}\r\n`, "latin1");
}

/** Some programs forget the semicolon before the boundary, without which a multipart is one lump. */
const withSemicolon = (raw: string) => raw.replace(/^(multipart\/[\w.+-]+)\s+(?=boundary\s*=)/i, "$1; ");
