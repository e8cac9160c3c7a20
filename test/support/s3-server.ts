import { createServer, type IncomingMessage, type Server } from "node:http";
import type { ByteRange, ObjectStore, StoredObject } from "../../functions/mail/ports.ts";
import {
  attributesOf,
  createEtag,
  type Reply,
  rangeOf,
  readBody,
  S3Error,
  send,
  toReply,
  xml,
} from "./s3-http.ts";
import { createUploads, type Uploads } from "./s3-uploads.ts";
import { elementsOf } from "./s3-xml.ts";

/**
 * S3 over HTTP, path style, on any store: what the adapters of `functions/aws` and the AWS SDK ask of it. It has one
 * bucket, whatever its name, and asks nobody who they are.
 */
export function createS3Server(store: ObjectStore): Server {
  const uploads = createUploads(store);
  const server = createServer((request, response) => {
    answer(request, { store, uploads }).then(
      (reply) => send(reply, request, response),
      (error) => send(toReply(error), request, response),
    );
  });
  server.keepAliveTimeout = keepAliveMs;
  return server;
}

/** Longer than a client keeps a connection that it does not use, so that none ends under its next request. */
const keepAliveMs = 120_000;

interface Target {
  readonly key: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly store: ObjectStore;
  readonly uploads: Uploads;
}

async function answer(request: IncomingMessage, parts: Pick<Target, "store" | "uploads">): Promise<Reply> {
  const url = request.url ?? "";
  const queryAt = url.indexOf("?");
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const keyAt = path.indexOf("/", 1);
  const key = keyAt === -1 ? "" : decodeURIComponent(path.slice(keyAt + 1));
  const query = new URLSearchParams(queryAt === -1 ? "" : url.slice(queryAt));
  const target = { key, query, request, ...parts };
  if (key === "") return answerBucket(target);
  const operation = `${request.method}${query.has("uploads") ? " uploads" : ""}${query.has("uploadId") ? " upload" : ""}`;
  switch (operation) {
    case "PUT":
      return putObject(target);
    case "GET":
    case "HEAD":
      return getObject(target);
    case "DELETE":
      await target.store.delete(key);
      return { status: 204 };
    case "POST uploads":
      return createUpload(target);
    case "PUT upload":
      return putPart(target);
    case "POST upload":
      return completeUpload(target);
    case "DELETE upload":
      target.uploads.abort(query.get("uploadId") ?? "");
      return { status: 204 };
    default:
      throw new S3Error(501, "NotImplemented");
  }
}

async function answerBucket(target: Target): Promise<Reply> {
  if (target.request.method !== "GET" || target.query.get("list-type") !== "2") {
    throw new S3Error(501, "NotImplemented");
  }
  return listObjects(target);
}

async function putObject({ key, request, store }: Target): Promise<Reply> {
  const body = await readBody(request);
  const ifAbsent = request.headers["if-none-match"] === "*";
  const outcome = await store.put(key, body, { ...attributesOf(request), ifAbsent });
  if (outcome === "exists") throw new S3Error(412, "PreconditionFailed");
  return { status: 200, headers: { etag: createEtag() } };
}

async function getObject({ key, request, store }: Target): Promise<Reply> {
  const range = rangeOf(request);
  const object = await store.get(key, range);
  if (object === null) throw new S3Error(404, "NoSuchKey");
  const { start, end } = clip(range ?? { start: 0 }, object);
  if (range !== undefined && start >= object.sizeBytes) {
    await discard(object);
    throw new S3Error(416, "InvalidRange");
  }
  const partial = { "content-range": `bytes ${start}-${end}/${object.sizeBytes}` };
  const headers = {
    "content-type": object.contentType,
    "content-length": end - start + 1,
    ...(range === undefined ? {} : partial),
    ...Object.fromEntries(
      Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    ),
  };
  if (request.method !== "HEAD")
    return { status: range === undefined ? 200 : 206, headers, body: object.body };
  await discard(object);
  return { status: 200, headers };
}

const clip = ({ start, end }: ByteRange, { sizeBytes }: StoredObject) => ({
  start,
  end: Math.min(end ?? sizeBytes - 1, sizeBytes - 1),
});

const discard = async ({ body }: StoredObject) => body[Symbol.asyncIterator]().return?.();

const pageMax = 1000;

async function listObjects({ query, store }: Target): Promise<Reply> {
  const prefix = query.get("prefix") ?? "";
  const after = Number(query.get("continuation-token") ?? 0);
  const max = Math.min(pageMax, Number(query.get("max-keys") ?? pageMax));
  const contents: { Key: string; Size: string }[] = [];
  let place = 0;
  for await (const { key, sizeBytes } of store.list(prefix)) {
    if (place++ >= after) contents.push({ Key: key, Size: String(sizeBytes) });
    if (contents.length > max) break;
  }
  const isTruncated = contents.length > max;
  const next = isTruncated ? { NextContinuationToken: String(after + max) } : {};
  return xml("ListBucketResult", {
    Prefix: prefix,
    IsTruncated: String(isTruncated),
    ...next,
    Contents: contents.slice(0, max),
  });
}

async function createUpload({ key, request, uploads }: Target): Promise<Reply> {
  return xml("InitiateMultipartUploadResult", {
    Key: key,
    UploadId: uploads.create(key, attributesOf(request)),
  });
}

async function putPart({ query, request, uploads }: Target): Promise<Reply> {
  const body = await readBody(request);
  const isKnown = uploads.put(query.get("uploadId") ?? "", Number(query.get("partNumber")), body);
  if (!isKnown) throw new S3Error(404, "NoSuchUpload");
  return { status: 200, headers: { etag: createEtag() } };
}

async function completeUpload({ key, query, request, uploads }: Target): Promise<Reply> {
  const numbers = elementsOf("PartNumber", Buffer.concat(await readBody(request)).toString()).map(Number);
  const ifAbsent = request.headers["if-none-match"] === "*";
  switch (await uploads.complete(query.get("uploadId") ?? "", numbers, ifAbsent)) {
    case "exists":
      throw new S3Error(412, "PreconditionFailed");
    case "unknown":
      throw new S3Error(404, "NoSuchUpload");
    case "missing":
      throw new S3Error(400, "InvalidPart");
    case "stored":
      return xml("CompleteMultipartUploadResult", { Key: key, ETag: createEtag() });
  }
}
