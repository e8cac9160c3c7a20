const slabBytes = 16 * 1024;

/** Shorter chunks are copied together: else a message that comes one octet a segment costs a hundred times its size. */
const shortBytes = 2048;

/** The octets of a message in the order they came. */
export class ChunkList {
  #chunks: Buffer[] = [];
  #slab = Buffer.alloc(0);
  #slabUsed = 0;

  push(octets: Buffer): void {
    if (octets.length >= shortBytes || this.#chunks.length === 0) {
      this.#endSlab();
      this.#chunks.push(octets);
      return;
    }
    if (this.#slab.length - this.#slabUsed < octets.length) {
      this.#endSlab();
      this.#slab = Buffer.allocUnsafe(slabBytes);
    }
    this.#slabUsed += octets.copy(this.#slab, this.#slabUsed);
  }

  /** All that was pushed; the list is empty then. */
  take(): readonly Buffer[] {
    this.#endSlab();
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  #endSlab(): void {
    if (this.#slabUsed > 0) this.#chunks.push(this.#slab.subarray(0, this.#slabUsed));
    this.#slab = this.#slab.subarray(this.#slabUsed);
    this.#slabUsed = 0;
  }
}
