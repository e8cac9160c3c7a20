/**
 * A stream of bytes that several readers take from in turn: the envelope block, the header, the MIME reader, and
 * whoever drains the rest. Ending one reader does not end the stream.
 */
export class ByteReader implements AsyncIterable<Buffer> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #putBack: Buffer[] = [];
  #failure: { readonly error: unknown } | null = null;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next bytes, never none; null at the end. */
  async next(): Promise<Buffer | null> {
    const putBack = this.#putBack.pop();
    if (putBack !== undefined) return putBack;
    for (;;) {
      const { value, done } = await this.#pull();
      if (done === true) return null;
      if (value.length > 0) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
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

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (let bytes = await this.next(); bytes !== null; bytes = await this.next()) yield bytes;
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
