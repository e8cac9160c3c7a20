import { limits } from "./limits.ts";
import { OctetScan } from "./octet-scan.ts";

const cr = 0x0d;
const lf = 0x0a;

/** Looks through a message for what SMTP forbids and a store may hold all the same. O(1) an octet. */
export class LineEnds {
  #isAfterCr = false;
  /** Of the line that is open. */
  #lineOctets = 0;
  #bareNewlines = false;
  #longLines = false;

  /** Of a message that ends here: a CR that is last is bare. */
  get findings() {
    return {
      bareNewlines: this.#bareNewlines || this.#isAfterCr,
      longLines: this.#longLines || this.#lineOctets > limits.textLineMaxOctets,
    };
  }

  look(bytes: Uint8Array): void {
    const scan = new OctetScan(bytes);
    let lineStart = -this.#lineOctets;
    let isAfterCr = this.#isAfterCr;
    let at = 0;
    while (at < bytes.length) {
      const octet = bytes[at];
      at++;
      if (octet === lf && isAfterCr) {
        if (at - lineStart > limits.textLineMaxOctets) this.#longLines = true;
        lineStart = at;
      } else if (isAfterCr || octet === lf || octet === 0) this.#bareNewlines = true;
      isAfterCr = octet === cr;
      if (!isAfterCr) at = scan.next(at);
    }
    this.#isAfterCr = isAfterCr;
    this.#lineOctets = bytes.length - lineStart;
  }
}
