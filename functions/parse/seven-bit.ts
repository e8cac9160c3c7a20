/** Character sets that shift between ASCII and another set inside 7-bit text. */

/** UTF-7 (RFC 2152): `+` starts UTF-16 in base64, `-` or any other character ends it. */
export function decodeUtf7(bytes: Buffer): string {
  return bytes.toString("latin1").replace(/\+([A-Za-z0-9+/]*)-?/g, (_, base64: string) => {
    if (base64 === "") return "+";
    const units = Buffer.from(base64, "base64");
    return units
      .subarray(0, units.length & ~1)
      .swap16()
      .toString("utf16le")
      .toWellFormed();
  });
}

/** ISO-2022-KR (RFC 1557): SO starts KS X 1001, SI ends it; the same with its high bits set is EUC-KR. */
export function decodeIso2022Kr(bytes: Buffer): string {
  const text = bytes.toString("latin1").replaceAll("\x1b$)C", "");
  return decodeShifts(text, /\x0e([^\x0f\n]*)(?:\x0f|(?=\n)|$)/g, "euc-kr");
}

/** HZ (RFC 1843): `~{` starts GB 2312, `~}` ends it, `~~` is a tilde. */
export function decodeHz(bytes: Buffer): string {
  return decodeShifts(bytes.toString("latin1"), /~\{([^~\n]*)(?:~\}|(?=\n)|$)/g, "gb2312").replaceAll("~~", "~");
}

function decodeShifts(text: string, shift: RegExp, charset: string): string {
  const decoder = new TextDecoder(charset);
  return text.replace(shift, (_, shifted: string) => {
    const bytes = Buffer.from(shifted, "latin1");
    return decoder.decode(bytes.map((byte) => byte | 0x80));
  });
}
