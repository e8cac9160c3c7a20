import type { ObjectAttributes, ObjectStore } from "../../functions/mail/ports.ts";

/** Multipart uploads under way, their parts in memory. */
export interface Uploads {
  create(key: string, attributes: ObjectAttributes): string;
  /** False where there is no such upload. */
  put(id: string, partNumber: number, body: readonly Uint8Array[]): boolean;
  complete(
    id: string,
    partNumbers: readonly number[],
    ifAbsent: boolean,
  ): Promise<"stored" | "exists" | "unknown" | "missing">;
  abort(id: string): void;
}

interface Upload {
  readonly key: string;
  readonly attributes: ObjectAttributes;
  readonly parts: Map<number, readonly Uint8Array[]>;
}

export function createUploads(store: ObjectStore): Uploads {
  const uploads = new Map<string, Upload>();
  let count = 0;
  return {
    create: (key, attributes) => {
      const id = `upload-${++count}`;
      uploads.set(id, { key, attributes, parts: new Map() });
      return id;
    },
    put: (id, partNumber, body) => uploads.get(id)?.parts.set(partNumber, body) !== undefined,
    complete: async (id, partNumbers, ifAbsent) => {
      const upload = uploads.get(id);
      if (upload === undefined) return "unknown";
      const parts = partNumbers.map((partNumber) => upload.parts.get(partNumber));
      if (parts.length === 0 || parts.includes(undefined)) return "missing";
      if (ifAbsent && (await store.get(upload.key)) !== null) return "exists";
      await store.putStream(upload.key, join(parts), upload.attributes);
      uploads.delete(id);
      return "stored";
    },
    abort: (id) => void uploads.delete(id),
  };
}

async function* join(parts: readonly (readonly Uint8Array[] | undefined)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield* part ?? [];
}
