/** CR is the highest octet that a scan of text must stop at; NUL, LF and a few controls lie below it. */
const highest = 0x0d;

const aboveHighest = (highest + 1) * 0x01010101;
const highBits = 0x80808080 | 0;

/** Looks for line ends in one chunk, four octets at a time: four times as fast as one by one, and as `indexOf` a line. */
export class OctetScan {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  /** Of the chunk within its first word. */
  readonly #shift: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#shift = bytes.byteOffset & 3;
    this.#words = new Int32Array(
      bytes.buffer,
      bytes.byteOffset - this.#shift,
      (bytes.length + this.#shift) >> 2,
    );
  }

  /** Where the next octet up to CR stands, from `from` on; the chunk's length where there is none. */
  next(from: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    const shift = this.#shift;
    let at = from;
    // Short lines end here; the end of a longer one lies words away.
    const near = Math.min(length, ((from + shift + 7) & ~3) - shift);
    while (at < near && (bytes[at] ?? 0) > highest) at++;
    if (at < near || at === length) return at;
    at = (skipWords(this.#words, (at + shift) >> 2) << 2) - shift;
    while (at < length && (bytes[at] ?? 0) > highest) at++;
    return at;
  }
}

/** The first word with an octet up to CR in it: one that borrows when CR + 1 is taken from it, and had no high bit. */
function skipWords(words: Int32Array, from: number): number {
  let index = from;
  for (; index < words.length; index++) {
    const word = words[index] ?? 0;
    if (((word - aboveHighest) & ~word & highBits) !== 0) break;
  }
  return index;
}
