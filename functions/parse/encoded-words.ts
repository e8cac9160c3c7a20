import { decodeText } from "./charset.ts";
import type { Warn } from "./warnings.ts";

/** `=?charset*language?encoding?` (RFC 2047 §2, RFC 2231 §5); the bound keeps a search for it linear. */
const wordStart = /=\?([^?\s]{1,60})\?([bq])\?/iy;

interface EncodedWord {
  readonly charset: string;
  readonly bytes: Buffer;
  readonly end: number;
}

/**
 * Decodes the encoded words of a header field's body (one character a byte). Words of one charset that stand together
 * are joined before they are decoded: many programs split them inside a character.
 */
export function decodeWords(raw: string, warn: Warn): string {
  if (!raw.includes("=?")) return decodeEightBit(raw, warn);
  const pieces: (string | { readonly charset: string; readonly chunks: Buffer[] })[] = [];
  let at = 0;
  for (const [start, { charset, bytes, end }] of findWords(raw)) {
    const between = raw.slice(at, start);
    // White space between two encoded words is no part of the text (RFC 2047 §6.2).
    if (at === 0 || /[^ \t]/.test(between)) pieces.push(between);
    const last = pieces.at(-1);
    if (typeof last === "object" && last.charset === charset) last.chunks.push(bytes);
    else pieces.push({ charset, chunks: [bytes] });
    at = end;
  }
  pieces.push(raw.slice(at));
  return pieces
    .map((piece) =>
      typeof piece === "string"
        ? decodeEightBit(piece, warn)
        : decodeText(Buffer.concat(piece.chunks), piece.charset, warn),
    )
    .join("");
}

function* findWords(raw: string): Generator<[start: number, word: EncodedWord]> {
  const lastEnd = raw.lastIndexOf("?=");
  for (let start = raw.indexOf("=?"); start !== -1 && start < lastEnd; ) {
    const word = readWord(raw, start, lastEnd);
    if (word !== null) yield [start, word];
    start = raw.indexOf("=?", word?.end ?? start + 2);
  }
}

/** The encoded word that begins at `start`; null where none does. `lastEnd` is where the last `?=` stands. */
export function readWord(raw: string, start: number, lastEnd: number): EncodedWord | null {
  wordStart.lastIndex = start;
  const match = wordStart.exec(raw);
  if (match === null) return null;
  const [prefix, charset = "", encoding] = match;
  const payloadStart = start + prefix.length;
  if (payloadStart > lastEnd) return null;
  const payloadEnd = raw.indexOf("?=", payloadStart);
  const payload = raw.slice(payloadStart, payloadEnd);
  return {
    charset: charset.replace(/\*.*$/, "").toLowerCase(),
    bytes: encoding?.toLowerCase() === "b" ? Buffer.from(payload, "base64") : decodeQ(payload),
    end: payloadEnd + 2,
  };
}

function decodeQ(payload: string): Buffer {
  const octets = payload
    .replaceAll("_", " ")
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, "latin1");
}

/** Raw 8-bit text in a header is UTF-8 (RFC 6532) or a mistake. */
export function decodeEightBit(raw: string, warn: Warn): string {
  if (!/[\x80-\xff]/.test(raw)) return raw;
  return decodeText(Buffer.from(raw, "latin1"), null, () => warn("header-not-utf8", raw));
}
