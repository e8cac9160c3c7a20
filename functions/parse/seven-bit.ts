/** Character sets that shift between ASCII and another set inside 7-bit text. */

const lineFeed = 0x0a;
const shiftOut = 0x0e;
const shiftIn = 0x0f;
const tilde = 0x7e;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

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
  const written = Buffer.alloc(bytes.length);
  let size = 0;
  let highBit = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x1b && bytes.toString("latin1", at, at + 4) === "\x1b$)C") at += 3;
    else if (byte === shiftOut) highBit = 0x80;
    else if (byte === shiftIn) highBit = 0;
    else {
      if (byte === lineFeed) highBit = 0;
      written[size] = byte | highBit;
      size += 1;
    }
  }
  return new TextDecoder("euc-kr").decode(written.subarray(0, size));
}

/** HZ (RFC 1843): `~{` starts GB 2312, `~}` or the line's end ends it, `~~` is a tilde; with high bits set it is EUC-CN. */
export function decodeHz(bytes: Buffer): string {
  const written = Buffer.alloc(bytes.length);
  let size = 0;
  let isShifted = false;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    const next = bytes[at + 1] ?? lineFeed;
    if (byte === tilde && next === (isShifted ? closingBrace : openingBrace)) {
      isShifted = !isShifted;
      at += 2;
    } else if (isShifted && byte !== lineFeed && next !== lineFeed) {
      // A pair, whose second byte may be a tilde.
      written[size] = byte | 0x80;
      written[size + 1] = next | 0x80;
      size += 2;
      at += 2;
    } else {
      written[size] = byte;
      size += 1;
      isShifted &&= byte !== lineFeed;
      at += byte === tilde && next === tilde ? 2 : 1;
    }
  }
  return new TextDecoder("gb2312").decode(written.subarray(0, size));
}
