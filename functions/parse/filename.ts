import { parseLimits } from "./parse-limits.ts";

/** Extensions for parts that have no name of their own. */
const extensions = new Map([
  ["application/json", "json"],
  ["application/pdf", "pdf"],
  ["application/pgp-signature", "asc"],
  ["application/pkcs7-mime", "p7m"],
  ["application/pkcs7-signature", "p7s"],
  ["application/x-pkcs7-signature", "p7s"],
  ["application/zip", "zip"],
  ["image/gif", "gif"],
  ["image/jpeg", "jpg"],
  ["image/png", "png"],
  ["image/svg+xml", "svg"],
  ["image/webp", "webp"],
  ["message/delivery-status", "txt"],
  ["message/disposition-notification", "txt"],
  ["message/feedback-report", "txt"],
  ["message/rfc822", "eml"],
  ["text/calendar", "ics"],
  ["text/csv", "csv"],
  ["text/html", "html"],
  ["text/plain", "txt"],
  ["text/rfc822-headers", "txt"],
  ["text/xml", "xml"],
]);

/** Format characters that are invisible or turn the reading direction: `invoice‮gpj.exe` reads as a picture. */
const deceptive =
  /[\p{Cc}\u061c\u00ad\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Names that are devices on Windows, with any extension. */
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\s*(?:\.|$))/i;

/** The last resort: a name from the type and the position among the attachments, from 0. */
export const defaultFilename = (contentType: string, index: number) =>
  `${contentType === "message/rfc822" ? "message" : "attachment"}-${index + 1}.${extensions.get(contentType) ?? "bin"}`;

/**
 * Makes a sender's file name safe to write to any disk and to show to any person: no folder, no control or bidi
 * characters, nothing that a shell, a URL or a file system reads as more than a name. Empty when nothing is left.
 */
export function sanitizeFilename(original: string): string {
  const visible = original.toWellFormed().normalize("NFC").replace(deceptive, "");
  const base = visible.slice(Math.max(visible.lastIndexOf("/"), visible.lastIndexOf("\\")) + 1);
  const plain = base
    .replace(/[<>:"|?*\u2044\u2215\u29f5\u29f8\uff0f\uff3c\ufffd]/gu, "_")
    .replace(/\s+/g, " ")
    .replace(/^[\s.~-]+/, (start) => (/^\s+$/.test(start) ? "" : "_"));
  const bounded = cutName(trimEnd(plain));
  return reserved.test(bounded) ? `_${bounded}` : bounded;
}

/** A message in a message is stored as one, whatever it is called. */
export function attachmentFilename(original: string | null, contentType: string, index: number): string {
  const name = sanitizeFilename(original ?? "") || defaultFilename(contentType, index);
  const isUnmarkedMessage = contentType === "message/rfc822" && !/\.eml$/i.test(name);
  return isUnmarkedMessage ? sanitizeFilename(`${cutName(name, ".eml".length)}.eml`) : name;
}

/** Windows drops dots and spaces at the end, so that two names would become one. */
const trimEnd = (name: string) => {
  let end = name.length;
  while (end > 0 && /[\s.]/.test(name.charAt(end - 1))) end -= 1;
  return name.slice(0, end);
};

/** Within the limit in UTF-8, between characters, the extension kept. */
function cutName(name: string, reserveBytes = 0): string {
  const maxBytes = parseLimits.filenameMaxBytes - reserveBytes;
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const extension = /\.[\w-]{1,16}$/.exec(name)?.[0] ?? "";
  const stem = Buffer.from(name.slice(0, -extension.length || undefined));
  let end = maxBytes - extension.length;
  while ((stem[end] ?? 0) >> 6 === 0b10) end -= 1;
  return trimEnd(stem.subarray(0, end).toString()) + extension;
}
