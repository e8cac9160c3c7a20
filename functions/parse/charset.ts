import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { decodeHz, decodeIso2022Kr, decodeUtf7 } from "./seven-bit.ts";
import type { Warn } from "./warnings.ts";

/** Names in use that are no label of the WHATWG Encoding Standard, and what they mean. */
const aliases = new Map([
  ["ascii-us", "us-ascii"],
  ["cp932", "shift_jis"],
  ["cp936", "gbk"],
  ["cp949", "euc-kr"],
  ["ms949", "euc-kr"],
  ["uhc", "euc-kr"],
  ["cp950", "big5"],
  ["cp-850", "cp850"],
  ["eucjp", "euc-jp"],
  ["eucjp-ms", "euc-jp"],
  ["gb_2312-80", "gb2312"],
  ["iso-2022-jp-1", "iso-2022-jp"],
  ["iso-2022-jp-2", "iso-2022-jp"],
  ["iso-2022-jp-3", "iso-2022-jp"],
  ["iso-2022-jp-ms", "iso-2022-jp"],
  ["jis", "iso-2022-jp"],
  ["sjis-win", "shift_jis"],
  ["tis-620", "windows-874"],
  ["uft-8", "utf-8"],
  ["utf", "utf-8"],
  ["utf-8-sig", "utf-8"],
  ["utf8mb4", "utf-8"],
  ["win1252", "windows-1252"],
]);

/** Names that say no more than "bytes". */
const anonymous = new Set([
  "",
  "7bit",
  "8bit",
  "binary",
  "default",
  "none",
  "unknown",
  "unknown-8bit",
  "x-unknown",
]);

/** Charsets that `TextDecoder` has not, as the web has no use for them. */
const decoders = new Map([
  ["utf-7", decodeUtf7],
  ["unicode-1-1-utf-7", decodeUtf7],
  ["iso-2022-kr", decodeIso2022Kr],
  ["hz-gb-2312", decodeHz],
  ["hz", decodeHz],
]);

/** 0x80 to 0x9f in windows-1252; Latin-1 has control characters there that no mail means. */
const windows1252High = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/**
 * Reads text in the character set it declares (null: none). A mail's declaration is often wrong, so where the bytes
 * say something else the likeliest charset is used, with a warning.
 */
export function decodeText(bytes: Buffer, declared: string | null, warn: Warn): string {
  const label = (declared ?? "").toLowerCase().replace(/["'\s]/g, "");
  const charset = aliases.get(label) ?? label;
  const decode = decoders.get(charset);
  if (decode !== undefined) return decode(bytes);
  if (anonymous.has(charset)) return guessText(bytes, null, warn);
  const decoder = createDecoder(bytes, charset);
  if (decoder === null) {
    warn("charset-unknown", label);
    return guessText(bytes, null, () => undefined);
  }
  if (decoder.encoding === "utf-8") return guessText(bytes, "utf-8", warn);
  if (/^(us-)?ascii$/.test(charset)) return guessText(bytes, label, warn);
  if (decoder.encoding === "windows-1252") return decodeLatin(bytes, label, warn);
  return decodeOther(bytes, decoder, warn);
}

/** UTF-8 where it is, or mostly is; else ISO-2022-JP by its escapes; else windows-1252. */
function guessText(bytes: Buffer, label: string | null, warn: Warn): string {
  if (isUtf8(bytes)) {
    return label !== "utf-8" && bytes.includes("\x1b$")
      ? new TextDecoder("iso-2022-jp").decode(bytes)
      : withoutMark(bytes.toString());
  }
  const text = withoutMark(bytes.toString());
  // Where UTF-8 is declared, a little of it outweighs more that is broken: garbage behind a base64 body, a torn line.
  const isMostlyUtf8 = unreadableShare(text) <= (label === "utf-8" ? 0.8 : 0.5);
  const best = isMostlyUtf8 ? "utf-8" : "windows-1252";
  warn("charset-wrong", `${label ?? "none"} declared, read as ${best}`);
  return isMostlyUtf8 ? text : decodeWindows1252(bytes);
}

/** Any bytes are good windows-1252, but UTF-8 that has more than ASCII is not so by accident. */
function decodeLatin(bytes: Buffer, label: string, warn: Warn): string {
  if (!isUtf8(bytes)) return decodeWindows1252(bytes);
  const text = withoutMark(bytes.toString());
  if (text.length < bytes.length) warn("charset-wrong", `${label} declared, read as utf-8`);
  return text;
}

function decodeOther(bytes: Buffer, decoder: TextDecoder, warn: Warn): string {
  const text = decoder.decode(bytes);
  if (!text.includes("\u{fffd}")) return text;
  const isReallyUtf8 = unreadableShare(text) > 0.5 && isUtf8(bytes);
  warn(
    "charset-wrong",
    `${decoder.encoding} declared, ${isReallyUtf8 ? "read as utf-8" : "partly unreadable"}`,
  );
  return isReallyUtf8 ? withoutMark(bytes.toString()) : text;
}

/** Of the characters beyond ASCII, how many are none: 0 to 1. */
function unreadableShare(text: string): number {
  let others = 0;
  let unreadable = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    // The second half of a pair is no character of its own.
    if (unit > 0x7f && unit >> 10 !== 0xdc00 >> 10) others += 1;
    if (unit === 0xfffd) unreadable += 1;
  }
  return others === 0 ? 0 : unreadable / others;
}

function createDecoder(bytes: Buffer, charset: string): TextDecoder | null {
  const label = charset === "utf-16" ? utf16Order(bytes) : charset;
  try {
    return new TextDecoder(label);
  } catch {
    return null;
  }
}

/** Without a byte order mark UTF-16 is big-endian (RFC 2781 §4.3), unless ASCII in it shows the other order. */
function utf16Order(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return bytes[0] !== 0 && bytes[1] === 0 ? "utf-16le" : "utf-16be";
}

const withoutMark = (text: string) => (text.startsWith("\u{feff}") ? text.slice(1) : text);

function decodeWindows1252(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  return text.replace(/[\x80-\x9f]/g, (char) => windows1252High.charAt(char.charCodeAt(0) - 0x80));
}
