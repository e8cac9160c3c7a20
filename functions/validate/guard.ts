/**
 * What is looked at before mailauth sees a byte: it unfolds headers in quadratic time, keeps an unfinished body line
 * by copying it for each chunk, and canonicalises some bodies at 4 MB/s.
 */
import { limits } from "../mail/limits.ts";
import type { Clock } from "../mail/ports.ts";

export const authenticationLimits = {
  headerMaxBytes: limits.headerBlockMaxBytes,
  headerLinesMax: 4_000,
  /** DKIM-Signature fields in one message. */
  signaturesMax: 10,
  /** One line of header or body, its line end aside. */
  lineMaxBytes: 64 * 1024,
  /** Time spent on one body: 40 MB of tabs cost 11 s for each signature. A batch of five stays within the timeout. */
  bodyBudgetMs: 6_000,
} as const;

export interface OpenedMessage {
  readonly header: Buffer;
  /** True where an ARC set claims to be: what is not looked at must not count as absent. */
  readonly hasArc: boolean;
  /** Why the header is past a limit, and the rest of the message was not asked for; null when it may be read. */
  readonly exceeded: string | null;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Reads up to the blank line after the header, and no further than the limit. */
export async function openMessage(message: AsyncIterable<Uint8Array>): Promise<OpenedMessage> {
  const source = message[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  let end = -1;
  while (end < 0 && read.length <= authenticationLimits.headerMaxBytes + blankLineMaxBytes) {
    const { done, value } = await source.next();
    if (done === true) break;
    read = Buffer.concat([read, value]);
    end = headerEnd(read);
  }
  const header = end < 0 ? read : read.subarray(0, end);
  const exceeded = judgeHeader(header);
  if (exceeded !== null) await source.return?.();
  return {
    header,
    hasArc: /^arc-/im.test(header.toString("latin1")),
    exceeded,
    body: resume(read.subarray(header.length), source),
  };
}

const blankLineMaxBytes = 4;

/** Where the blank line after the header ends; -1 when it has not come. */
function headerEnd(bytes: Buffer): number {
  if (bytes[0] === lf) return 1;
  if (bytes[0] === cr && bytes[1] === lf) return 2;
  const ends = ["\n\r\n", "\n\n"].flatMap((blank) => {
    const at = bytes.indexOf(blank);
    return at < 0 ? [] : [at + blank.length];
  });
  return ends.length === 0 ? -1 : Math.min(...ends);
}

const cr = 0x0d;
const lf = 0x0a;

async function* resume(first: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

/** Why a header is past a limit; null when it is within them all. */
export function judgeHeader(header: Buffer): string | null {
  const { headerMaxBytes, headerLinesMax, lineMaxBytes, signaturesMax } = authenticationLimits;
  const text = header.toString("latin1").replace(/(?<=\n)\r?\n$/, "");
  if (text.length > headerMaxBytes) return `header over ${headerMaxBytes} bytes`;
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (lines.length > headerLinesMax) return `header over ${headerLinesMax} lines`;
  if (lines.some((line) => line.length > lineMaxBytes)) return `header line over ${lineMaxBytes} bytes`;
  const signatures = lines.filter((line) => /^dkim-signature[ \t]*(:|$)/i.test(line));
  return signatures.length > signaturesMax ? `over ${signaturesMax} signatures` : null;
}

/**
 * Passes a body on until it is past a limit, then ends it and says why in `exceeded`. `now` is read while the
 * consumer works, so a slow store costs nothing of the budget.
 */
export class BoundedBody {
  exceeded: string | null = null;
  /** What the body itself threw, if it did: the store's failure, not the consumer's. */
  failure: unknown = null;
  readonly #body: AsyncIterable<Uint8Array>;
  readonly #now: Clock;

  constructor(body: AsyncIterable<Uint8Array>, now: Clock) {
    this.#body = body;
    this.#now = now;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let lineBytes = 0;
    let spentMs = 0;
    try {
      for await (const piece of pieces(this.#body)) {
        const [firstEnd, lastEnd] = [piece.indexOf(lf), piece.lastIndexOf(lf)];
        this.exceeded = judgeBody(lineBytes + (firstEnd < 0 ? piece.length : firstEnd), spentMs);
        if (this.exceeded !== null) return;
        lineBytes = lastEnd < 0 ? lineBytes + piece.length : piece.length - lastEnd - 1;
        const yieldedMs = this.#now();
        yield piece;
        spentMs += this.#now() - yieldedMs;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

function judgeBody(lineBytes: number, spentMs: number): string | null {
  const { lineMaxBytes, bodyBudgetMs } = authenticationLimits;
  if (lineBytes > lineMaxBytes) return `body line over ${lineMaxBytes} bytes`;
  return spentMs > bodyBudgetMs ? `body took over ${bodyBudgetMs} ms` : null;
}

/** Chunks no longer than a line may be, so that only a chunk's first and last line can be part of a longer one. */
async function* pieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { lineMaxBytes } = authenticationLimits;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += lineMaxBytes) yield chunk.subarray(at, at + lineMaxBytes);
}

/** Every bare LF as CR LF, as mailauth would have it, which takes 300 ns for each. */
export async function* withCrlf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last = "";
  for await (const chunk of chunks) {
    const text = last + Buffer.from(chunk).toString("latin1");
    last = text.endsWith("\r") ? "\r" : "";
    yield Buffer.from(text.slice(0, text.length - last.length).replace(/(?<!\r)\n/g, "\r\n"), "latin1");
  }
  if (last !== "") yield Buffer.from(last);
}
