import type { Thread } from "../mail/messages.ts";
import type { HeaderFields } from "./header-fields.ts";

/**
 * The message ids in a field's body, angle brackets included, so that they compare and reply as they stand. Where
 * there are none, words that could be ids count as such: some programs leave the brackets out.
 */
export function parseMessageIds(raw: string): string[] {
  const bracketed = raw.match(/<[^<>]+>/g)?.map((id) => id.replace(/\s+/g, "")) ?? [];
  const ids = bracketed.filter((id) => id !== "<>");
  if (ids.length > 0 || raw.includes("<")) return ids;
  return raw.split(/[\s,;]+/).flatMap((word) => (/^[^@]+@[^@]+$/.test(word) ? [`<${word}>`] : []));
}

/** Prefixes that mail programs put before the subject of a reply or a forward, in the languages they speak. */
const replyPrefix =
  /^\s*(?:re|aw|antw|antwort|sv|vs|rv|rif|r|res|odp|ynt|ha|fwd?|fw|wg|tr|enc|i|doorst|vl|pd|vb|回复|回覆|答复|转发|轉寄)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*/iu;

/** The subject without reply and forward prefixes and the spelling of white space and case. */
export function normaliseSubject(subject: string): string {
  let rest = subject.normalize("NFC").replace(/\s+/g, " ").trim();
  for (let match = replyPrefix.exec(rest); match !== null; match = replyPrefix.exec(rest)) {
    rest = rest.slice(match[0].length);
  }
  return rest.toLowerCase();
}

export interface ThreadSource {
  readonly fields: HeaderFields;
  readonly messageId: string | null;
  readonly subject: string | null;
  /** Of the stored message: the key of last resort. */
  readonly id: string;
}

/** The key is the same for all messages of a conversation whose programs keep References (RFC 5322 §3.6.4). */
export function parseThread({ fields, messageId, subject, id }: ThreadSource): Thread {
  const idsIn = (name: string) =>
    parseMessageIds(
      fields
        .list(name)
        .map(({ raw }) => raw)
        .join(" "),
    );
  const references = [...new Set(idsIn("references"))];
  const inReplyTo = idsIn("in-reply-to")[0] ?? null;
  const normalised = normaliseSubject(subject ?? "");
  const lastResort = normalised === "" ? `id:${id}` : `subject:${normalised}`;
  return { inReplyTo, references, key: references[0] ?? inReplyTo ?? messageId ?? lastResort };
}
