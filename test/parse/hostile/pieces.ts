import type { WarningCode } from "../../../functions/parse/warnings.ts";

/** The bytes of a mail, made as they are read: most of them would not fit into the memory they are tried in. */
export type Pieces = Iterable<Buffer>;

/** A mail that somebody made to hurt: what it is, its bytes, whether it is read whole, and the warnings of it. */
export type HostileRow = readonly [
  sentence: string,
  pieces: () => Pieces,
  isParsed: boolean,
  codes: readonly WarningCode[],
];

type Written = string | Buffer | Pieces;

const chunkSizeBytes = 64 * 1024;

/** Text is one byte a character. */
export function* join(...written: Written[]): Pieces {
  for (const one of written) {
    if (typeof one === "string") yield Buffer.from(one, "latin1");
    else if (Buffer.isBuffer(one)) yield one;
    else yield* one;
  }
}

/** The text again and again, up to this size. */
export function* fill(text: string, sizeBytes: number): Pieces {
  const written = Buffer.from(text, "latin1");
  const times = Math.max(1, Math.floor(chunkSizeBytes / written.length));
  const chunk = Buffer.alloc(written.length * times, written);
  for (let left = sizeBytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
}

export const from = "From: a@b.test\r\n";
export const mail = (...written: Written[]) => join(from, ...written);

/** A header field of this size, and nothing below it. */
export const field = (name: string, text: string, sizeBytes = 250_000) =>
  mail(`${name}: `, fill(text, sizeBytes), "\r\n\r\n");

export const typed = (type: string, ...body: Written[]) => mail(`Content-Type: ${type}\r\n\r\n`, ...body);

export const encoded = (encoding: string, ...body: Written[]) =>
  typed(`application/pdf\r\nContent-Transfer-Encoding: ${encoding}`, ...body);

export const text = (...body: Written[]) => typed("text/plain; charset=utf-8", ...body);
export const html = (...body: Written[]) => typed("text/html; charset=utf-8", ...body);

export const multipart = (boundary: string, type = "mixed") =>
  `Content-Type: multipart/${type}; boundary=${boundary}\r\n\r\n`;

export const megabyte = 1_000_000;

export const sizeOf = (pieces: Pieces): number =>
  Iterator.from(pieces).reduce((size, { length }) => size + length, 0);
