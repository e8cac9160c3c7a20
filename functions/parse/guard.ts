import { limits } from "../mail/limits.ts";
import { parseLimits } from "./parse-limits.ts";

/** Where a header block ends, or that it must not be read on. `bytes` is what was seen of it up to there. */
export type HeaderEnd =
  | { readonly kind: "complete"; readonly bytes: Buffer; readonly rest: Buffer }
  | { readonly kind: "too-large"; readonly bytes: Buffer; readonly detail: string };

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Finds the end of the header block as the bytes arrive, within the bounds that keep its readers fast. */
export class HeaderGuard {
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #lines = 0;
  /** Of the line that has not ended yet. */
  #lineLength = 0;
  #lastByte = 0;

  /** Null: more bytes, please. */
  feed(chunk: Buffer): HeaderEnd | null {
    const room = limits.headerBlockMaxBytes - this.#size;
    const readable = chunk.subarray(0, room);
    for (let start = 0; ; ) {
      const end = readable.indexOf(lineFeed, start);
      if (end === -1) {
        this.#keepLine(readable.subarray(start));
        break;
      }
      this.#keepLine(readable.subarray(start, end));
      if (this.#isBlankLine()) return this.#complete(readable.subarray(0, end + 1), chunk.subarray(end + 1));
      this.#lineLength = 0;
      this.#lines += 1;
      if (this.#lines > parseLimits.headerLinesMax) {
        return this.#tooLarge(readable.subarray(0, end + 1), `more than ${parseLimits.headerLinesMax} lines`);
      }
      start = end + 1;
    }
    if (chunk.length > room) return this.#tooLarge(readable, `more than ${limits.headerBlockMaxBytes} bytes`);
    this.#keep(readable);
    return null;
  }

  /** The message ended inside its header: there is no body. */
  end(): HeaderEnd {
    return this.#complete(Buffer.alloc(0), Buffer.alloc(0));
  }

  #keepLine(bytes: Buffer): void {
    this.#lineLength += bytes.length;
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
  }

  #isBlankLine(): boolean {
    return this.#lineLength === 0 || (this.#lineLength === 1 && this.#lastByte === carriageReturn);
  }

  #keep(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  #complete(last: Buffer, rest: Buffer): HeaderEnd {
    this.#keep(last);
    return { kind: "complete", bytes: Buffer.concat(this.#chunks), rest };
  }

  #tooLarge(last: Buffer, detail: string): HeaderEnd {
    this.#keep(last);
    return { kind: "too-large", bytes: Buffer.concat(this.#chunks), detail };
  }
}

/** Counts the body's lines as the bytes pass, since each costs its readers more than its bytes do. */
export class LineGuard {
  #lines = 0;

  /** False once there are too many. */
  feed(chunk: Buffer): boolean {
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) this.#lines += 1;
    return this.#lines <= parseLimits.bodyLinesMax;
  }
}
