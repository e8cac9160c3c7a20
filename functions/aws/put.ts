/**
 * The fast way into the store: one signed PUT on a kept connection. The front end's throughput is decided here, and
 * the SDK's PutObject costs many times the CPU: `test/bench/put.ts`.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { type Dispatcher, Pool } from "undici";
import type { Clock } from "../mail/ports.ts";
import type { Bucket, OpenBucket } from "./bucket.ts";
import { backoffMs, judgeAnswer, judgeError, type Verdict } from "./put-verdict.ts";
import { amzDate, authorize, encodeQuery, unsignedPayload } from "./sigv4.ts";

export interface PutLimits {
  /** Sockets to the store in one process; more requests than that wait their turn. */
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  /** Without progress in either direction. */
  readonly stallTimeoutMs: number;
  /** All attempts together, the wait for a socket included. */
  readonly deadlineMs: number;
  readonly answerMaxBytes: number;
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
}

export const putLimits: PutLimits = {
  connectionsMax: 128,
  connectTimeoutMs: 3_000,
  stallTimeoutMs: 15_000,
  deadlineMs: 30_000,
  answerMaxBytes: 64 * 1024,
  backoff: { firstMs: 50, maxMs: 2_000 },
};

export interface PutRequest {
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  /** By lower-case name, beside those that this file adds. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}

export type PutAnswer =
  /** `etag` names what was stored; `crc32` is in base64. */
  { readonly kind: "stored"; readonly etag: string; readonly crc32: string } | { readonly kind: "exists" };

export interface PutDeps {
  readonly open: OpenBucket;
  readonly now: Clock;
  /** From 0 to under 1. */
  readonly random: () => number;
  /** Resolves after that long; rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Putter {
  put(request: PutRequest): Promise<PutAnswer>;
  /** Ends the connections; what is under way fails. */
  close(): Promise<void>;
}

/**
 * Makes the PUT, which tries again on whatever may pass (5xx, throttling, a broken connection) until its deadline. A
 * throw can follow a write whose answer was lost, and so can "exists".
 */
export function createPutter(deps: PutDeps, limits: PutLimits = putLimits): Putter {
  let pool: Pool | undefined;
  return {
    put: async (request) => {
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), limits.deadlineMs);
      try {
        const bucket = await deps.open();
        pool ??= createPool(bucket, limits);
        return await putUntil(deadline.signal, { request, bucket, pool, limits, ...deps });
      } catch (cause) {
        throw new Error(`s3 put ${request.key}`, { cause });
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => pool?.destroy(),
  };
}

const createPool = (
  { origin }: Bucket,
  { connectionsMax, connectTimeoutMs, stallTimeoutMs, answerMaxBytes }: PutLimits,
) =>
  new Pool(origin, {
    connections: connectionsMax,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: stallTimeoutMs,
    bodyTimeout: stallTimeoutMs,
    maxResponseSize: answerMaxBytes,
    allowH2: false,
  });

interface Attempt extends PutDeps {
  readonly request: PutRequest;
  readonly bucket: Bucket;
  readonly pool: Pool;
  readonly limits: PutLimits;
}

async function putUntil(deadline: AbortSignal, attempt: Attempt): Promise<PutAnswer> {
  const { request, random, pause, limits } = attempt;
  const checksum = crc32Of(request.body);
  for (let count = 1; ; count++) {
    const { verdict, etag } = await send(deadline, checksum, attempt);
    switch (verdict.kind) {
      case "stored":
        return { kind: "stored", etag, crc32: checksum };
      case "exists":
        return { kind: "exists" };
      case "failed":
        throw new Error(verdict.reason);
      case "again":
        await pause(backoffMs(count, random(), limits.backoff), deadline).catch(() => undefined);
        if (deadline.aborted) {
          throw new Error(`gave up after ${limits.deadlineMs} ms, attempt ${count}: ${verdict.reason}`);
        }
    }
  }
}

async function send(
  signal: AbortSignal,
  checksum: string,
  { request, bucket, pool, now }: Attempt,
): Promise<{ verdict: Verdict; etag: string }> {
  const options: Dispatcher.RequestOptions = {
    ...sign(request, checksum, { bucket, nowMs: now() }),
    method: "PUT",
    signal,
  };
  // undici writes out any iterable as it is, though its types ask for a stream, which costs more.
  Object.assign(options, { body: bodyOf(request.body, sizeOf(request.body)) });
  try {
    const { statusCode, headers, body } = await pool.request(options);
    if (statusCode !== 200) return { verdict: judgeAnswer(statusCode, await body.text()), etag: "" };
    await body.dump();
    return { verdict: judgeAnswer(statusCode, ""), etag: String(headers["etag"]) };
  } catch (error) {
    return { verdict: judgeError(error), etag: "" };
  }
}

/**
 * The store compares the checksum with the bytes that arrived, so a 200 means these very bytes. Over TLS nobody else
 * could have changed them, and S3 takes the body unsigned; over plain HTTP the signature covers it.
 */
function sign(
  { key, query, headers, body }: PutRequest,
  checksum: string,
  { bucket, nowMs }: { bucket: Bucket; nowMs: number },
) {
  const { region, credentials, host, isTls } = bucket;
  const path = bucket.pathOf(key);
  const encodedQuery = query === undefined ? "" : encodeQuery(query);
  const payloadHash = isTls ? unsignedPayload : sha256Of(body);
  const signed = {
    ...headers,
    host,
    "x-amz-checksum-crc32": checksum,
    "x-amz-content-sha256": payloadHash,
    "x-amz-date": amzDate(nowMs),
    ...(credentials.sessionToken === undefined ? {} : { "x-amz-security-token": credentials.sessionToken }),
  };
  const authorization = authorize(
    { method: "PUT", path, query: encodedQuery, headers: signed, payloadHash },
    { credentials, region, nowMs },
  );
  return {
    path: encodedQuery === "" ? path : `${path}?${encodedQuery}`,
    headers: { ...signed, authorization, "content-length": String(sizeOf(body)) },
  };
}

const sizeOf = (body: readonly Uint8Array[]) => body.reduce((size, chunk) => size + chunk.length, 0);

/** Many chunks of less than this on the whole are joined: each is a write of its own. */
const chunkMinBytes = 16 * 1024;
const chunksMax = 4;

/** A few chunks go out as they are: to join 32 KB first costs a third of the CPU of sending them. */
function bodyOf(body: readonly Uint8Array[], sizeBytes: number): Uint8Array | Iterable<Uint8Array> {
  if (sizeBytes === 0) return new Uint8Array();
  return body.length > chunksMax && sizeBytes < body.length * chunkMinBytes ? Buffer.concat(body) : body;
}

/** As S3 writes it: four bytes, most significant first, in base64. */
function crc32Of(body: readonly Uint8Array[]): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(body.reduce((crc, chunk) => crc32(chunk, crc), 0));
  return bytes.toString("base64");
}

function sha256Of(body: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}
