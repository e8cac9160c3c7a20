const cr = 0x0d;

/** Runs shorter than this are copied here; longer ones are worth a call into the runtime. */
const shortRunOctets = 64;

/** What is kept of one chunk: a slice of it where it is all in one piece, else a copy. */
export class OctetRuns {
  readonly #bytes: Buffer;
  #runStart: number;
  /** The last whole run, not copied yet: it may be the only one. */
  #keptStart = 0;
  #keptEnd = 0;
  #copy: Buffer | null = null;
  #copied = 0;

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#runStart = from;
  }

  /** Leaves one octet out. */
  drop(at: number): void {
    this.#endRun(at);
    this.#runStart = at + 1;
  }

  /** Puts back a CR that was left out just before `at`, in this chunk or in the one before. */
  insertCr(at: number): void {
    this.#endRun(at);
    this.#runStart = at;
    const copy = this.#copyKept();
    copy[this.#copied++] = cr;
  }

  finish(at: number): Buffer {
    this.#endRun(at);
    if (this.#copy === null) return this.#bytes.subarray(this.#keptStart, this.#keptEnd);
    return this.#copyKept().subarray(0, this.#copied);
  }

  #endRun(at: number): void {
    if (at === this.#runStart) return;
    if (this.#keptEnd > this.#keptStart) this.#copyKept();
    this.#keptStart = this.#runStart;
    this.#keptEnd = at;
  }

  #copyKept(): Buffer {
    const bytes = this.#bytes;
    // One more than the chunk: a CR of the chunk before may come first.
    this.#copy ??= Buffer.allocUnsafe(bytes.length + 1);
    const copy = this.#copy;
    const start = this.#keptStart;
    const octets = this.#keptEnd - start;
    const to = this.#copied;
    if (octets >= shortRunOctets) bytes.copy(copy, to, start, start + octets);
    else for (let index = 0; index < octets; index++) copy[to + index] = bytes[start + index] ?? 0;
    this.#copied = to + octets;
    this.#keptEnd = start;
    return copy;
  }
}
