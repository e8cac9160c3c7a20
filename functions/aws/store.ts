import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ByteRange, ObjectStore, StoredObject } from "../mail/ports.ts";
import { defaultContentType, headersOf } from "./attributes.ts";
import { failed } from "./failed.ts";
import { onlyIfAbsent, putStream } from "./multipart.ts";
import type { Putter } from "./put.ts";

export interface StoreDeps {
  readonly client: S3Client;
  readonly bucket: string;
  readonly put: Putter["put"];
}

/** The store on S3. What writes goes through `put`, the rest through the SDK. */
export function createStore(deps: StoreDeps): ObjectStore {
  const { client, bucket, put } = deps;
  return {
    bucket,
    put: async (key, body, { ifAbsent, ...attributes } = {}) => {
      const headers = { ...headersOf(attributes), ...(ifAbsent === true ? onlyIfAbsent : {}) };
      return (await put({ key, headers, body })).kind;
    },
    putStream: async (key, body, { ifAbsent = false, ...attributes } = {}) =>
      putStream({ key, body, attributes, ifAbsent }, deps),
    get: async (key, range) => get(key, range, deps).catch(failed(`s3 get ${key}`)),
    delete: async (key) => {
      await client
        .send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
        .catch(failed(`s3 delete ${key}`));
    },
    list: (prefix) => list(prefix, deps),
  };
}

async function get(key: string, range: ByteRange | undefined, deps: StoreDeps): Promise<StoredObject | null> {
  const target = { Bucket: deps.bucket, Key: key };
  try {
    const Range = range === undefined ? undefined : `bytes=${range.start}-${range.end ?? ""}`;
    return toStoredObject(key, range, await deps.client.send(new GetObjectCommand({ ...target, Range })));
  } catch (error) {
    switch (error instanceof Error ? error.name : "") {
      case "NoSuchKey":
        return null;
      case "InvalidRange":
        return getNothing(target, deps);
      default:
        throw error;
    }
  }
}

/** S3 refuses a range that begins past the last byte; it is an object all the same, with nothing to read. */
async function getNothing(
  target: { Bucket: string; Key: string },
  { client }: StoreDeps,
): Promise<StoredObject> {
  const head = await client.send(new HeadObjectCommand(target));
  return {
    body: Readable.from([]),
    sizeBytes: head.ContentLength ?? 0,
    contentType: head.ContentType ?? defaultContentType,
    metadata: head.Metadata ?? {},
  };
}

function toStoredObject(
  key: string,
  range: ByteRange | undefined,
  { Body, ContentLength, ContentRange, ContentType, Metadata }: GetObjectCommandOutput,
): StoredObject {
  const sizeBytes = range === undefined ? ContentLength : Number(ContentRange?.split("/")[1]);
  if (!(Body instanceof Readable) || sizeBytes === undefined || Number.isNaN(sizeBytes)) {
    throw new Error("an answer without body, size or range");
  }
  return {
    body: readOf(key, Body),
    sizeBytes,
    contentType: ContentType ?? defaultContentType,
    metadata: Metadata ?? {},
  };
}

/**
 * Reads a stream. Its own iterator would not end it when it is returned before the first read, and an error before
 * that would end the process.
 */
function readOf(key: string, stream: Readable): AsyncIterable<Uint8Array> {
  stream.on("error", () => undefined);
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = stream[Symbol.asyncIterator]();
      return {
        next: () => chunks.next().catch(failed(`s3 get ${key}: broken off`)),
        return: async () => {
          stream.destroy();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

async function* list(prefix: string, { client, bucket }: StoreDeps) {
  try {
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: prefix },
    )) {
      for (const { Key = "", Size = 0 } of Contents) yield { key: Key, sizeBytes: Size };
    }
  } catch (cause) {
    throw new Error(`s3 list ${prefix}`, { cause });
  }
}
