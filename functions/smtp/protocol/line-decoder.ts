export type Line =
  | { readonly kind: "line"; readonly octets: Buffer; readonly end: number }
  | { readonly kind: "overlong"; readonly end: number }
  | { readonly kind: "partial" };

const empty = Buffer.alloc(0);
const crlf = Buffer.from("\r\n");
const cr = 0x0d;
const lf = 0x0a;

/** Cuts a stream into lines that end in CRLF and in nothing else (RFC 5321 §2.3.8). Holds no more than one line. */
export class LineDecoder {
  readonly #maxOctets: number;
  #carry: Buffer = empty;
  #isOverlong = false;

  /** `maxOctets` counts the CRLF. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /** The line that ends first in `bytes` from `from` on, without its CRLF, and where the next one begins. */
  decode(bytes: Buffer, from: number): Line {
    const isSplitCrlf = this.#carry.at(-1) === cr && bytes[from] === lf;
    const end = isSplitCrlf ? from + 1 : endOfLine(bytes, from);
    if (end === null) {
      this.#keep(bytes.subarray(from));
      return { kind: "partial" };
    }
    const carry = this.#carry;
    const isOverlong = this.#isOverlong || carry.length + end - from > this.#maxOctets;
    this.#carry = empty;
    this.#isOverlong = false;
    if (isOverlong) return { kind: "overlong", end };
    if (isSplitCrlf) return { kind: "line", octets: carry.subarray(0, -1), end };
    const octets = bytes.subarray(from, end - crlf.length);
    return { kind: "line", octets: carry.length === 0 ? octets : Buffer.concat([carry, octets]), end };
  }

  /** Past the limit only the last octet is worth keeping: it may be the CR of the end. */
  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#isOverlong ||= this.#carry.length + rest.length > this.#maxOctets;
    this.#carry = this.#isOverlong ? Buffer.from(rest.subarray(-1)) : Buffer.concat([this.#carry, rest]);
  }
}

function endOfLine(bytes: Buffer, from: number): number | null {
  const at = bytes.indexOf(crlf, from);
  return at < 0 ? null : at + crlf.length;
}
