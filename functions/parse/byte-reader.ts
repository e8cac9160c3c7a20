/**
 * A stream of bytes that several readers take from in turn: the envelope block, the header, the MIME reader, and
 * whoever drains the rest. Ending one reader does not end the stream.
 */
export class ByteReader implements AsyncIterable<Buffer> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #see: (bytes: Buffer) => void;
  readonly #putBack: Buffer[] = [];
  #failure: { readonly error: unknown } | null = null;

  /** `see` is shown each byte once, as it comes from the source. */
  constructor(source: AsyncIterable<Uint8Array>, see: (bytes: Buffer) => void = () => undefined) {
    this.#source = source[Symbol.asyncIterator]();
    this.#see = see;
  }

  /** The next bytes, never none; null at the end. */
  async next(): Promise<Buffer | null> {
    const putBack = this.#putBack.pop();
    if (putBack !== undefined) return putBack;
    for (;;) {
      const { value, done } = await this.#pull();
      if (done === true) return null;
      if (value.length === 0) continue;
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#see(bytes);
      return bytes;
    }
  }

  /** Makes `bytes` the next ones again. */
  putBack(bytes: Buffer): void {
    if (bytes.length > 0) this.#putBack.push(bytes);
  }

  /** The next `size` bytes, or fewer when the stream ends before. */
  async take(size: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (let missing = size; missing > 0; ) {
      const bytes = await this.next();
      if (bytes === null) break;
      chunks.push(bytes.subarray(0, missing));
      this.putBack(bytes.subarray(missing));
      missing -= Math.min(missing, bytes.length);
    }
    return Buffer.concat(chunks);
  }

  /** No generator, which would cost several turns more for each chunk. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    const next = async () => {
      const value = await this.next();
      return value === null ? ({ done: true, value: undefined } as const) : ({ done: false, value } as const);
    };
    return { next };
  }

  /** Reads to the end. Throws what the source threw, also where a reader before swallowed it. */
  async drain(): Promise<void> {
    if (this.#failure !== null) throw this.#failure.error;
    for await (const _ of this);
  }

  /** Ends the source, read or not. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #pull(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#source.next();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
