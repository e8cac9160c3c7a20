import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ObjectAttributes } from "../mail/ports.ts";
import { headersOf } from "./attributes.ts";
import { failed } from "./failed.ts";
import type { Putter } from "./put.ts";

/** S3 takes no smaller part, but for the last. */
export const partSizeBytes = 5 * 1024 * 1024;

/** Of one stream: one fills while the other is on its way. */
const partsInMemoryMax = 2;

export interface StreamedObject {
  readonly key: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly attributes: ObjectAttributes;
  readonly ifAbsent: boolean;
}

/** S3 refuses a write under it where there is an object. */
export const onlyIfAbsent = { "if-none-match": "*" } as const;

export interface MultipartDeps {
  readonly client: S3Client;
  readonly bucket: string;
  readonly put: Putter["put"];
}

/** Stores a stream: as one PUT where it ends within one part, else in parts, which are dropped when anything fails. */
export async function putStream(object: StreamedObject, deps: MultipartDeps): Promise<void> {
  const headers = { ...headersOf(object.attributes), ...(object.ifAbsent ? onlyIfAbsent : {}) };
  let upload: Upload | undefined;
  try {
    for await (const { chunks, isLast } of inParts(object.body, partSizeBytes)) {
      if (isLast && upload === undefined) {
        await deps.put({ key: object.key, headers, body: chunks });
      } else {
        upload ??= await beginUpload(object, deps);
        await upload.add(chunks);
      }
    }
    await upload?.complete();
  } catch (error) {
    await upload?.abort();
    throw error;
  }
}

interface Part {
  readonly chunks: readonly Uint8Array[];
  readonly isLast: boolean;
}

/** Cuts a stream into parts of exactly that size, the last one up to it. The chunks are kept, not copied. */
export async function* inParts(body: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncGenerator<Part> {
  let chunks: Uint8Array[] = [];
  let leftBytes = sizeBytes;
  for await (let chunk of body) {
    while (chunk.length > leftBytes) {
      yield { chunks: [...chunks, chunk.subarray(0, leftBytes)], isLast: false };
      chunk = chunk.subarray(leftBytes);
      chunks = [];
      leftBytes = sizeBytes;
    }
    chunks.push(chunk);
    leftBytes -= chunk.length;
  }
  yield { chunks, isLast: true };
}

interface Upload {
  /** Resolves when the next part may be made. */
  add(chunks: readonly Uint8Array[]): Promise<void>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}

async function beginUpload(
  { key, attributes, ifAbsent }: StreamedObject,
  { client, bucket, put }: MultipartDeps,
): Promise<Upload> {
  const target = { Bucket: bucket, Key: key };
  const created = new CreateMultipartUploadCommand({
    ...target,
    ContentType: headersOf(attributes)["content-type"],
    Metadata: { ...attributes.metadata },
    ChecksumAlgorithm: "CRC32",
  });
  const { UploadId = "" } = await client.send(created).catch(failed(`s3 begin ${key}`));
  const sent: Promise<CompletedPart>[] = [];
  // A part that lands after the abort would stay, and what stays is swept by the bucket's lifecycle rule.
  const abort = async () => {
    await Promise.allSettled(sent);
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
  };
  return {
    add: async (chunks) => {
      const part = putPart({ key, uploadId: UploadId, number: sent.length + 1, chunks }, put);
      part.catch(() => undefined); // It is awaited later: until then its failure is not an unhandled one.
      sent.push(part);
      await sent.at(-partsInMemoryMax);
    },
    complete: async () => {
      const Parts = await Promise.all(sent);
      const completed = new CompleteMultipartUploadCommand({
        ...target,
        UploadId,
        MultipartUpload: { Parts },
        ...(ifAbsent ? { IfNoneMatch: onlyIfAbsent["if-none-match"] } : {}),
      });
      await client.send(completed).catch(async (error: unknown) => {
        const isThere = ifAbsent && error instanceof Error && error.name === "PreconditionFailed";
        if (!isThere) throw new Error(`s3 complete ${key}`, { cause: error });
        await abort();
      });
    },
    abort,
  };
}

async function putPart(
  {
    key,
    uploadId,
    number,
    chunks,
  }: { key: string; uploadId: string; number: number; chunks: readonly Uint8Array[] },
  put: Putter["put"],
): Promise<CompletedPart> {
  const answer = await put({
    key,
    query: { partNumber: String(number), uploadId },
    headers: {},
    body: chunks,
  });
  if (answer.kind !== "stored") throw new Error(`s3 put ${key}: part ${number} was refused`);
  return { PartNumber: number, ETag: answer.etag, ChecksumCRC32: answer.crc32 };
}
