import { defaultContentType, headersOf } from "../../../functions/aws/attributes.ts";
import { PermanentError } from "../../../functions/mail/errors.ts";
import type {
  ByteRange,
  Clock,
  ObjectAttributes,
  ObjectStore,
  StoredObject,
} from "../../../functions/mail/ports.ts";
import type { Database } from "../database.ts";
import { keep, keepStream } from "./content.ts";
import type { ObjectFiles } from "./files.ts";
import type { ObjectCreated } from "./object-created.ts";
import { type Content, createObjects, type FoundObject, type NewObject, type Objects } from "./objects.ts";

export interface StoreDeps {
  readonly database: Database;
  readonly files: ObjectFiles;
  readonly bucket: string;
  readonly now: Clock;
  /** Called within the transaction that writes the object: what it writes is durable together with the object. */
  readonly onCreated: (event: ObjectCreated) => void;
}

/** S3 takes no longer key. */
export const keyMaxBytes = 1024;

/**
 * The store in one data folder. The row of an object is written last, together with its event: a crash before leaves a
 * file without a row, which the next start sweeps; after it, object and event are whole. Keys never become file names.
 */
export function createStore(deps: StoreDeps): ObjectStore {
  const { database, files, bucket } = deps;
  const objects = createObjects(database);
  return {
    bucket,
    put: async (key, body, { ifAbsent = false, ...attributes } = {}) => {
      const object = toNewObject(key, attributes);
      const content = await keep(body, files);
      const event = { eventName: "ObjectCreated:Put", ifAbsent } as const;
      return record({ ...object, content }, event, { ...deps, objects });
    },
    putStream: async (key, body, { ifAbsent = false, ...attributes } = {}) => {
      const object = toNewObject(key, attributes);
      const content = await keepStream(body, files);
      const event = { eventName: "ObjectCreated:CompleteMultipartUpload", ifAbsent } as const;
      await record({ ...object, content }, event, { ...deps, objects });
    },
    get: async (key, range) => get(key, range, { objects, files }),
    delete: async (key) => {
      await remove(await database.commit(() => objects.delete(key)), files);
    },
    list: (prefix) => list(prefix, objects),
  };
}

function toNewObject(key: string, attributes: ObjectAttributes): Omit<NewObject, "content"> {
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes === 0 || sizeBytes > keyMaxBytes || !key.isWellFormed() || key.includes("\0")) {
    const shown = JSON.stringify(key.slice(0, 80));
    throw new PermanentError(`key ${shown}: must be 1 to ${keyMaxBytes} bytes of Unicode without NUL`);
  }
  headersOf(attributes); // Throws where S3 could not keep them.
  return {
    key,
    contentType: attributes.contentType ?? defaultContentType,
    metadata: attributes.metadata ?? {},
  };
}

type RecordDeps = StoreDeps & { readonly objects: Objects };

/** Makes the object exist, in one transaction with its event. The file that nobody needs then is removed. */
async function record(
  object: NewObject,
  { eventName, ifAbsent }: Pick<ObjectCreated, "eventName"> & { readonly ifAbsent: boolean },
  { database, objects, files, bucket, now, onCreated }: RecordDeps,
) {
  const { key, content } = object;
  const own = content.kind === "file" ? content.file : null;
  try {
    const { outcome, unused } = await database.commit(() => {
      if (ifAbsent && objects.has(key)) return { outcome: "exists", unused: own } as const;
      const { sequence, unused } = objects.put(object);
      onCreated({ eventName, bucket, key, sizeBytes: content.sizeBytes, sequence, atMs: now() });
      return { outcome: "stored", unused } as const;
    });
    await remove(unused, files);
    return outcome;
  } catch (error) {
    await remove(own, files);
    throw error;
  }
}

const remove = async (file: number | null, files: ObjectFiles) => {
  if (file !== null) await files.remove(file);
};

async function get(
  key: string,
  range: ByteRange | undefined,
  { objects, files }: { readonly objects: Objects; readonly files: ObjectFiles },
): Promise<StoredObject | null> {
  const object = objects.find(key);
  if (object === undefined) return null;
  const body = await open(object.content, range, files);
  if (body !== null) return toStoredObject(object, body);
  // Another write may have taken the key, and with it the file, since the row was read.
  if (objects.find(key)?.sequence === object.sequence) {
    throw new Error(`object ${key}: its file is missing from the data folder`);
  }
  return get(key, range, { objects, files });
}

const toStoredObject = (
  { content, contentType, metadata }: FoundObject,
  body: AsyncIterable<Uint8Array>,
) => ({
  body,
  sizeBytes: content.sizeBytes,
  contentType,
  metadata,
});

async function open(
  content: Content,
  { start, end }: ByteRange = { start: 0 },
  files: ObjectFiles,
): Promise<AsyncIterable<Uint8Array> | null> {
  const endBefore = Math.min(content.sizeBytes, (end ?? content.sizeBytes) + 1);
  if (content.kind === "file") return files.read(content.file, start, endBefore);
  return one(content.body.subarray(start, endBefore));
}

async function* one(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  if (piece.length > 0) yield piece;
}

async function* list(prefix: string, objects: Objects) {
  let after: string | null = null;
  for (;;) {
    const page = objects.list(prefix, after);
    for (const object of page) {
      if (!object.key.startsWith(prefix)) return;
      yield object;
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.key;
  }
}
