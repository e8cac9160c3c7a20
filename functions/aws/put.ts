/**
 * The fast way into the store: one signed PUT on a kept connection. The front end's throughput is decided here, and
 * the SDK's PutObject costs many times the CPU: `test/bench/put.ts`.
 */
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import * as zlib from "node:zlib";
import type { Clock } from "../mail/ports.ts";
import type { Bucket, OpenBucket } from "./bucket.ts";
import { backoffMs, judgeAnswer, judgeError, type Verdict } from "./put-verdict.ts";
import { type RequestBody, toRequestBody } from "./request-body.ts";
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

/** One attempt, as it goes out. */
export interface OutgoingPut {
  /** Encoded, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody["bytes"];
  /** Emits "abort": to undici as good as an AbortSignal, which costs ten times as much. */
  readonly signal: EventEmitter;
}

export interface PutConnections {
  /** The text of an answer is that of a refusal; of 200 nobody reads it. */
  send(put: OutgoingPut): Promise<{ status: number; etag: string; text: string }>;
  /** Ends the connections; what is under way fails. */
  close(): Promise<void>;
}

/** What PUTs travel by: undici in the front end, and in Lambdas Node's own client, which needs no loading. */
export type ConnectPut = (bucket: Bucket, limits: PutLimits) => PutConnections;

export interface PutDeps {
  readonly open: OpenBucket;
  readonly connect: ConnectPut;
  readonly now: Clock;
  /** From 0 to under 1. */
  readonly random: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

export interface Putter {
  put(request: PutRequest): Promise<PutAnswer>;
  close: PutConnections["close"];
}

/**
 * Makes the PUT, which tries again on whatever may pass (5xx, throttling, a broken connection) until its deadline. A
 * throw can follow a write whose answer was lost, and so can "exists".
 */
export function createPutter(deps: PutDeps, limits: PutLimits = putLimits): Putter {
  let connections: PutConnections | undefined;
  return {
    put: async (request) => {
      try {
        const bucket = await deps.open();
        connections ??= deps.connect(bucket, limits);
        return await putUntilDeadline(request, { bucket, connections, limits, ...deps });
      } catch (cause) {
        throw new Error(`s3 put ${request.key}`, { cause });
      }
    },
    close: async () => connections?.close(),
  };
}

interface Deadline {
  readonly signal: OutgoingPut["signal"];
  isOver(): boolean;
  stop(): void;
}

function startDeadline(ms: number): Deadline {
  const signal = new EventEmitter();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    signal.emit("abort");
  }, ms);
  return { signal, isOver: () => isOver, stop: () => clearTimeout(timer) };
}

interface Attempts extends PutDeps {
  readonly bucket: Bucket;
  readonly connections: PutConnections;
  readonly limits: PutLimits;
}

async function putUntilDeadline(request: PutRequest, attempts: Attempts): Promise<PutAnswer> {
  const deadline = startDeadline(attempts.limits.deadlineMs);
  const sizeBytes = request.body.reduce((size, chunk) => size + chunk.length, 0);
  const body = toRequestBody(request.body, sizeBytes);
  const payload = { sizeBytes, bytes: body.bytes, crc32: crc32Of(request.body) };
  try {
    const answer = await putAgain(request, payload, { ...attempts, deadline });
    // Only then it is sure that nothing will read the body any more.
    if (answer.kind === "stored") body.release();
    return answer;
  } finally {
    deadline.stop();
  }
}

interface Payload {
  readonly sizeBytes: number;
  readonly bytes: RequestBody["bytes"];
  readonly crc32: string;
}

async function putAgain(
  request: PutRequest,
  payload: Payload,
  attempts: Attempts & { readonly deadline: Deadline },
): Promise<PutAnswer> {
  const { random, pause, limits, deadline } = attempts;
  for (let count = 1; ; count++) {
    const { verdict, etag } = await send(request, payload, attempts);
    switch (verdict.kind) {
      case "stored":
        return { kind: "stored", etag, crc32: payload.crc32 };
      case "exists":
        return { kind: "exists" };
      case "failed":
        throw new Error(verdict.reason);
      case "again":
        if (!deadline.isOver()) await pause(backoffMs(count, random(), limits.backoff));
        if (deadline.isOver()) {
          throw new Error(`gave up after ${limits.deadlineMs} ms, attempt ${count}: ${verdict.reason}`);
        }
    }
  }
}

async function send(
  request: PutRequest,
  payload: Payload,
  { bucket, connections, now, deadline }: Attempts & { readonly deadline: Deadline },
): Promise<{ verdict: Verdict; etag: string }> {
  const signed = sign(request, payload, { bucket, date: amzDate(now()) });
  try {
    const { status, etag, text } = await connections.send({
      ...signed,
      body: payload.bytes,
      signal: deadline.signal,
    });
    return { verdict: judgeAnswer(status, text), etag };
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
  { sizeBytes, crc32 }: Payload,
  { bucket, date }: { bucket: Bucket; date: string },
) {
  const { region, credentials, host, isTls } = bucket;
  const path = bucket.pathOf(key);
  const encodedQuery = query === undefined ? "" : encodeQuery(query);
  const payloadHash = isTls ? unsignedPayload : sha256Of(body);
  const signed = {
    ...headers,
    host,
    "x-amz-checksum-crc32": crc32,
    "x-amz-content-sha256": payloadHash,
    "x-amz-date": date,
    ...(credentials.sessionToken === undefined ? {} : { "x-amz-security-token": credentials.sessionToken }),
  };
  const authorization = authorize(
    { method: "PUT", path, query: encodedQuery, headers: signed, payloadHash },
    { credentials, region, date },
  );
  return {
    path: encodedQuery === "" ? path : `${path}?${encodedQuery}`,
    headers: { ...signed, authorization, "content-length": String(sizeBytes) },
  };
}

/** As S3 writes it: four bytes, most significant first, in base64. */
function crc32Of(body: readonly Uint8Array[]): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(body.reduce((crc, chunk) => zlib.crc32(chunk, crc), 0));
  return bytes.toString("base64");
}

function sha256Of(body: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}
