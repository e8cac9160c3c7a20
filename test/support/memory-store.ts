import type { ByteRange, ObjectAttributes, ObjectStore, StoredObject } from "../../functions/mail/ports.ts";

interface MemoryObject extends ObjectAttributes {
  readonly bytes: Buffer;
}

export interface MemoryStore extends ObjectStore {
  /** What is stored; tests may look and change. */
  readonly objects: Map<string, MemoryObject>;
}

/** An object store that keeps everything in memory and, as S3 does, copies what it is given. */
export function createMemoryStore(bucket = "memory"): MemoryStore {
  const objects = new Map<string, MemoryObject>();
  return {
    bucket,
    objects,
    async put(key, body, options = {}) {
      const { ifAbsent, ...attributes } = options;
      if (ifAbsent === true && objects.has(key)) return "exists";
      objects.set(key, { ...attributes, bytes: Buffer.concat(body) });
      return "stored";
    },
    async putStream(key, body, { ifAbsent, ...attributes } = {}) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(Buffer.from(chunk));
      if (ifAbsent === true && objects.has(key)) return;
      objects.set(key, { ...attributes, bytes: Buffer.concat(chunks) });
    },
    async get(key, range) {
      const object = objects.get(key);
      return object === undefined ? null : read(object, range);
    },
    async delete(key) {
      objects.delete(key);
    },
    async *list(prefix) {
      for (const key of [...objects.keys()].sort()) {
        if (key.startsWith(prefix)) yield { key, sizeBytes: objects.get(key)?.bytes.length ?? 0 };
      }
    },
  };
}

function read({ bytes, contentType, metadata }: MemoryObject, range?: ByteRange): StoredObject {
  const end = range?.end === undefined ? bytes.length : range.end + 1;
  const body = bytes.subarray(range?.start ?? 0, end);
  return {
    body: (async function* () {
      if (body.length > 0) yield body;
    })(),
    sizeBytes: bytes.length,
    contentType: contentType ?? "application/octet-stream",
    metadata: metadata ?? {},
  };
}
