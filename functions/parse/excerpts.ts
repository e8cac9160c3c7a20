import type { HeaderFields } from "./header-fields.ts";
import { parseLimits } from "./parse-limits.ts";
import { parseFields } from "./report-fields.ts";
import { parseMessageIds } from "./threads.ts";

/** The beginning of an attached part, decoded, which says what kind of mail it is attached to. */
export interface Excerpt {
  readonly contentType: string;
  readonly bytes: Buffer;
}

const telling =
  /^(?:message\/(?:rfc822|global|global-headers|(?:global-)?delivery-status|(?:global-)?disposition-notification|feedback-report)|text\/rfc822-headers?|text\/calendar|application\/ics)$/;

/** Whether the stage must see what stands in a part of this type. */
export const isTelling = (contentType: string) => telling.test(contentType);

/** Collects excerpts, within a bound on all of them together. */
export class ExcerptCollector {
  readonly list: Excerpt[] = [];
  #room = parseLimits.excerptsMaxBytes;

  /** Passes a part on as it is, and remembers how it begins. */
  async *watch(contentType: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const chunks: Buffer[] = [];
    for await (const chunk of content) {
      const kept = Buffer.from(chunk.subarray(0, this.#room));
      this.#room -= kept.length;
      if (kept.length > 0) chunks.push(kept);
      yield chunk;
    }
    this.list.push({ contentType, bytes: Buffer.concat(chunks) });
  }
}

export const excerptsOf = (excerpts: readonly Excerpt[], types: RegExp): Excerpt[] =>
  excerpts.filter(({ contentType }) => types.test(contentType));

export const returnedMessage = /^(?:message\/(?:rfc822|global|global-headers)|text\/rfc822-headers?)$/;

/** The header of a returned message. */
export function headerOf(bytes: Buffer): HeaderFields {
  const [header = ""] = bytes
    .toString("latin1")
    .trimStart()
    .split(/\r?\n[ \t]*\r?\n/, 1);
  return parseFields(Buffer.from(header, "latin1"));
}

/** The Message-ID of the message that a report brings back. */
export function returnedMessageId(excerpts: readonly Excerpt[]): string | null {
  const returned = excerptsOf(excerpts, returnedMessage).map(({ bytes }) => messageIdIn(bytes));
  return returned.find((id) => id !== null) ?? null;
}

export const messageIdIn = (bytes: Buffer): string | null =>
  parseMessageIds(headerOf(bytes).first("message-id")?.raw ?? "")[0] ?? null;
