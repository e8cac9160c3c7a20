import { limits } from "../mail/limits.ts";
import { decodeText } from "./charset.ts";
import { type Entity, isEncodingKnown, isMultipart } from "./entity.ts";
import { unflow } from "./flowed.ts";
import { htmlToText } from "./html-text.ts";
import type { Warn } from "./warnings.ts";

export interface Bodies {
  readonly text: string | null;
  /** As sent: not sanitised. */
  readonly html: string | null;
}

/** Gathers the body parts of a message as they come, within the bounds, and makes text and HTML of them at the end. */
export class BodyCollector {
  readonly #bytes = new Map<Entity, Buffer[]>();
  readonly #room = new Map<string, number>();
  readonly #warn: Warn;

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /** Reads a part to its end, and keeps what there is room for also when its end never comes. */
  async take(entity: Entity, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.begin(entity);
    for await (const chunk of content) this.keep(entity, chunk);
  }

  /** Bytes that stand in a multipart without parts count as its text. */
  takeUnclaimed(entity: Entity, bytes: Buffer): void {
    this.begin(entity);
    this.keep(entity, bytes);
  }

  begin(entity: Entity): void {
    this.#bytes.set(entity, []);
    if (!isEncodingKnown(entity)) this.#warn("encoding-unknown", entity.transferEncoding);
  }

  /** The next bytes of a part that has begun. */
  keep(entity: Entity, bytes: Uint8Array): void {
    const room = this.#room.get(entity.contentType) ?? limits.bodyMaxBytes;
    if (bytes.length > room)
      this.#warn("body-cut", `${entity.contentType} over ${limits.bodyMaxBytes} bytes`);
    if (room > 0) this.#bytes.get(entity)?.push(Buffer.from(bytes.subarray(0, room)));
    this.#room.set(entity.contentType, Math.max(0, room - bytes.length));
  }

  finish(root: Entity): Bodies {
    const lists: Lists = { text: [], html: [] };
    if (isMultipart(root) && root.children.length > 0) this.#place(root, lists, isAlternative(root));
    else if (this.#bytes.has(root)) place(root, lists);
    const decoded = new Map(
      [...this.#bytes].map(([entity, chunks]) => [entity, this.#decode(entity, chunks)]),
    );
    const text = joinText(lists.text ?? [], decoded);
    const html = joinHtml(lists.html ?? [], decoded);
    const isBlank = text.trim() === "";
    return { text: this.#bound(isBlank ? htmlToText(html) : text), html: this.#bound(html) };
  }

  /**
   * Which parts make the text and which the HTML, as RFC 8621 §4.1.4 has it: each body part goes to both, unless it
   * stands in an alternative; an alternative that has one kind alone gives that to both.
   */
  #place(entity: Entity, { text, html }: Lists, isInAlternative: boolean): void {
    const lists = { text, html };
    const [textLength, htmlLength] = [text?.length, html?.length];
    for (const child of entity.children) {
      if (isMultipart(child) && child.children.length > 0) {
        this.#place(child, lists, isInAlternative || isAlternative(child));
      } else if (this.#bytes.has(child)) {
        const isHtml = child.contentType === "text/html";
        if (isInAlternative && !isAlternative(entity)) lists[isHtml ? "text" : "html"] = null;
        if (isAlternative(entity)) lists[isHtml ? "html" : "text"]?.push(child);
        else place(child, lists);
      }
    }
    if (!isAlternative(entity) || text === null || html === null) return;
    if (text.length === textLength) text.push(...html.slice(htmlLength));
    else if (html.length === htmlLength) html.push(...text.slice(textLength));
  }

  #decode(entity: Entity, chunks: readonly Buffer[]): string {
    const [only = Buffer.alloc(0), ...others] = chunks;
    const bytes = others.length === 0 ? only : Buffer.concat(chunks);
    const isCut = this.#room.get(entity.contentType) === 0;
    const decoded = decodeText(isCut ? withoutTornCharacter(bytes) : bytes, entity.charset, this.#warn);
    if (decoded.includes("\0")) this.#warn("nul-removed", entity.contentType);
    const text = decoded.replaceAll("\0", "").replace(/\r\n?/g, "\n");
    return entity.isFlowed ? unflow(text, entity.deletesSpaces) : text;
  }

  #bound(text: string): string | null {
    const bounded = cutText(text, limits.bodyMaxBytes);
    if (bounded.length < text.length) this.#warn("body-cut", `over ${limits.bodyMaxBytes} bytes`);
    return bounded === "" ? null : bounded;
  }
}

/** The first characters that fit into `maxBytes` of UTF-8. */
export function cutText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text);
  let end = maxBytes;
  while ((bytes[end] ?? 0) >> 6 === 0b10) end -= 1;
  return bytes.subarray(0, end).toString();
}

/** Null: not here, since the alternative beside it has it. */
interface Lists {
  text: Entity[] | null;
  html: Entity[] | null;
}

const isAlternative = ({ contentType }: Entity) => contentType === "multipart/alternative";

function place(entity: Entity, { text, html }: Lists): void {
  text?.push(entity);
  html?.push(entity);
}

function joinText(entities: readonly Entity[], decoded: ReadonlyMap<Entity, string>): string {
  return entities
    .map((entity) => {
      const text = decoded.get(entity) ?? "";
      return entity.contentType === "text/html" ? htmlToText(text) : text;
    })
    .filter((text) => text !== "")
    .join("\n");
}

/** Empty where there is no HTML; plain text between HTML parts is shown as it would be alone. */
function joinHtml(entities: readonly Entity[], decoded: ReadonlyMap<Entity, string>): string {
  const isHtml = ({ contentType }: Entity) => contentType === "text/html";
  if (!entities.some(isHtml)) return "";
  return entities
    .map((entity) => {
      const text = decoded.get(entity) ?? "";
      return isHtml(entity) || text === ""
        ? text
        : `<pre style="white-space:pre-wrap">${escapeHtml(text)}</pre>`;
    })
    .filter((html) => html !== "")
    .join("\n");
}

const escapeHtml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Up to the last line end where there is one near, else to the last whole character of UTF-8. */
function withoutTornCharacter(bytes: Buffer): Buffer {
  const lineEnd = bytes.lastIndexOf("\n");
  if (lineEnd > bytes.length - 4096) return bytes.subarray(0, lineEnd + 1);
  let end = bytes.length;
  while (end > 0 && end > bytes.length - 4 && (bytes[end - 1] ?? 0) >> 6 === 0b10) end -= 1;
  return bytes.subarray(0, (bytes[end - 1] ?? 0) >= 0xc0 ? end - 1 : end);
}
