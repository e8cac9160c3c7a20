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

/** ISO-2022-KR (RFC 1557): SO starts KS X 1001, SI or the line's end ends it; with high bits set it is EUC-KR. */
export function decodeIso2022Kr(bytes: Buffer): string {
  const text = bytes.toString("latin1").replaceAll("\x1b$)C", "");
  const decode = shiftedDecoder("euc-kr");
  return text.replace(/[^\n]+/g, (line) =>
    line
      .split("\x0e")
      .map((part, index) => {
        const [shifted = "", ...plain] = index === 0 ? ["", part] : part.split("\x0f");
        return decode(shifted) + plain.join("");
      })
      .join(""),
  );
}

/** HZ (RFC 1843): `~{` starts GB 2312, `~}` or the line's end ends it, `~~` is a tilde. */
export function decodeHz(bytes: Buffer): string {
  const decode = shiftedDecoder("gb2312");
  return bytes
    .toString("latin1")
    .replace(/~~|~\{([^~\n]*)(?:~\})?/g, (all, shifted: string | undefined) =>
      shifted === undefined ? all.slice(1) : decode(shifted),
    );
}

function shiftedDecoder(charset: string): (shifted: string) => string {
  const decoder = new TextDecoder(charset);
  return (shifted) => decoder.decode(Buffer.from(shifted, "latin1").map((byte) => byte | 0x80));
}
