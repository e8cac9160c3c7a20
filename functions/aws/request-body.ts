/**
 * A body as it goes out. Each chunk is a write of its own, as dear as a whole small request, so a small body is joined
 * first, in memory that is used again: new memory for each costs as much as it saves.
 */
export interface RequestBody {
  readonly bytes: Uint8Array | Iterable<Uint8Array>;
  /** The body has been read to its end: its memory may be used again. */
  release(): void;
}

/** Bodies up to this are joined in kept memory; a mail is mostly smaller. */
export const joinedMaxBytes = 64 * 1024;

/** Kept pieces of memory: 8 MiB together. */
const sparesMax = 128;
const spares: Uint8Array[] = [];

/** Chunks of a larger body that are smaller than this on the whole are joined in new memory. */
const chunkMinBytes = 16 * 1024;

export function toRequestBody(chunks: readonly Uint8Array[], sizeBytes: number): RequestBody {
  const [first = new Uint8Array()] = chunks;
  if (chunks.length <= 1) return { bytes: first, release: keepNothing };
  if (sizeBytes <= joinedMaxBytes) return join(chunks, sizeBytes);
  const isScattered = sizeBytes < chunks.length * chunkMinBytes;
  return { bytes: isScattered ? Buffer.concat(chunks) : chunks, release: keepNothing };
}

const keepNothing = () => {};

function join(chunks: readonly Uint8Array[], sizeBytes: number): RequestBody {
  const memory = spares.pop() ?? new Uint8Array(joinedMaxBytes);
  let at = 0;
  for (const chunk of chunks) {
    memory.set(chunk, at);
    at += chunk.length;
  }
  const release = () => {
    if (spares.length < sparesMax) spares.push(memory);
  };
  return { bytes: memory.subarray(0, sizeBytes), release };
}
