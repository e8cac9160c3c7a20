/**
 * What an xtext (RFC 3461 §4) says, read as UTF-8; null where it is none, or has control characters. UTF-8 may stand
 * in it as it is too (RFC 6533 §3).
 */
export function decodeXtext(text: string): string | null {
  if (!/^(?:[!-*,-<>-~\u{80}-\u{10ffff}]|\+[\dA-F]{2})*$/u.test(text)) return null;
  try {
    const decoded = decodeURIComponent(text.replaceAll("%", "%25").replaceAll("+", "%"));
    return /\p{Cc}/u.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
}
