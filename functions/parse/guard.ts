import { limits } from "../mail/limits.ts";
import { parseLimits } from "./parse-limits.ts";

/** Where a header block ends, or must not be read on. */
export interface HeaderEnd {
  /** The block, or as much of it as the bounds allow. */
  readonly bytes: Buffer;
  /** What was fed behind it. */
  readonly rest: Buffer;
  /** The bound it passes; null where it ended in time. */
  readonly excess: string | null;
}

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
    const { headerBlockMaxBytes } = limits;
    const { headerLinesMax } = parseLimits;
    const readable = chunk.subarray(0, headerBlockMaxBytes - this.#size);
    for (let start = 0; ; ) {
      const end = readable.indexOf(lineFeed, start);
      if (end === -1) {
        this.#keepLine(readable.subarray(start));
        break;
      }
      this.#keepLine(readable.subarray(start, end));
      if (this.#isBlankLine()) return this.#endAt(chunk, end + 1, null);
      this.#lineLength = 0;
      this.#lines += 1;
      if (this.#lines > headerLinesMax)
        return this.#endAt(chunk, end + 1, `more than ${headerLinesMax} lines`);
      start = end + 1;
    }
    if (chunk.length > readable.length) {
      return this.#endAt(chunk, readable.length, `more than ${headerBlockMaxBytes} bytes`);
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    return null;
  }

  /** The message ended inside its header: there is no body. */
  end(): HeaderEnd {
    return this.#endAt(Buffer.alloc(0), 0, null);
  }

  #keepLine(bytes: Buffer): void {
    this.#lineLength += bytes.length;
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
  }

  #isBlankLine(): boolean {
    return this.#lineLength === 0 || (this.#lineLength === 1 && this.#lastByte === carriageReturn);
  }

  #endAt(chunk: Buffer, end: number, excess: string | null): HeaderEnd {
    const bytes = Buffer.concat([...this.#chunks, chunk.subarray(0, end)]);
    return { bytes, rest: chunk.subarray(end), excess };
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
