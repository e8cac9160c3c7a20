import type { Address } from "../mail/messages.ts";
import { type AddressToken, addressTokens } from "./address-tokens.ts";
import { decodeEightBit, decodeWords } from "./encoded-words.ts";
import type { Warn } from "./warnings.ts";

/** What stands between two commas. */
interface Mailbox {
  words: { text: string; isQuoted: boolean; isGlued: boolean }[];
  comments: string[];
  angle: string | null;
}

/**
 * The mailboxes of an address field, groups flattened. Encoded words are decoded in names alone: an address that is
 * one (RFC 2047 §5 forbids it) stays as it stands, so that nothing decodes into an address the field never held.
 */
export function parseAddresses(raw: string, warn: Warn): Address[] {
  const addresses: Address[] = [];
  let mailbox = emptyMailbox();
  for (const token of addressTokens(raw)) {
    if (token.kind === "," || token.kind === ";") {
      addresses.push(...toAddress(mailbox, warn));
      mailbox = emptyMailbox();
    } else if (token.kind === ":" && !mailbox.words.some(({ text }) => text.includes("@"))) {
      mailbox = emptyMailbox();
    } else {
      addToken(mailbox, token);
    }
  }
  return [...addresses, ...toAddress(mailbox, warn)];
}

const emptyMailbox = (): Mailbox => ({ words: [], comments: [], angle: null });

function addToken(mailbox: Mailbox, token: AddressToken): void {
  switch (token.kind) {
    case "word":
      mailbox.words.push(token);
      break;
    case "comment":
      mailbox.comments.push(token.text);
      break;
    case "angle":
      // Of `<a@b> <c@d>` the first that holds something is the address.
      mailbox.angle = mailbox.angle || token.text;
      break;
    case ":":
      mailbox.words.push({ text: ":", isQuoted: false, isGlued: true });
      break;
  }
}

/** None, or one. */
function toAddress({ words, comments, angle }: Mailbox, warn: Warn): Address[] {
  const [first, end] = angle === null ? addressSpan(words) : [words.length, words.length];
  const written = angle ?? words.slice(first, end).map(toWritten).join("");
  const nameWords = [...words.slice(0, first), ...words.slice(end)];
  const phrase = nameWords.map(({ text, isGlued }) => (isGlued ? text : ` ${text}`)).join("");
  const name = cleanName(decodeWords(phrase.trim() || comments.join(" ").trim(), warn));
  const address = cleanAddress(written, warn);
  return address === "" && name === "" ? [] : [withDomain(address, name || null)];
}

/** Which words are the address: `"quoted local"@domain` and `local @ domain` are several, a lone word is a local one. */
function addressSpan(words: Mailbox["words"]): [first: number, end: number] {
  const index = words.findLastIndex(({ text, isQuoted }) => !isQuoted && text.includes("@"));
  const text = words[index]?.text;
  if (text === undefined) return words.length === 1 && words[0]?.isQuoted === false ? [0, 1] : [0, 0];
  const first = text.startsWith("@") && index > 0 ? index - 1 : index;
  return [first, text.endsWith("@") ? index + 2 : index + 1];
}

const toWritten = ({ text, isQuoted }: Mailbox["words"][number]) => (isQuoted ? `"${text}"` : text);

/** Without white space, a source route (RFC 5322 §4.4), `mailto:` and stray brackets; a group in brackets is none. */
function cleanAddress(written: string, warn: Warn): string {
  const text = written.replaceAll("\0", "").replace(/^@[^:]*:|^mailto:/i, "");
  const [quoted = ""] = /^\s*"(?:[^"\\]|\\.)*"/.exec(text) ?? [];
  const rest = text
    .slice(quoted.length)
    .replace(/[<>\s]+/g, "")
    .replace(/\.$/, "");
  if (rest.endsWith(";")) return "";
  const address = `${quoted.trim()}${rest}`;
  return decodeEightBit(address, warn);
}

const cleanName = (name: string) => name.replaceAll("\0", "").replace(/\s+/g, " ").trim();

function withDomain(address: string, name: string | null): Address {
  const at = address.lastIndexOf("@");
  if (at === -1) return { address, name, domain: "" };
  const domain = address.slice(at + 1).toLowerCase();
  return { address: `${address.slice(0, at)}@${domain}`, name, domain };
}
