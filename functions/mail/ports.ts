/**
 * The outside world as the stages see it. `functions/aws` implements these on S3 and SQS, `infra/local` on files
 * and SQLite; one contract suite runs on both.
 */
import type { StageEvent } from "./stage-event.ts";

export interface ObjectAttributes {
  readonly contentType?: string;
  /** User metadata: lower-case ASCII names, ASCII values. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface PutOptions extends ObjectAttributes {
  /** Write only where no object has this key; where one has, nothing changes and the outcome is "exists". */
  readonly ifAbsent?: boolean;
}

export type PutOutcome = "stored" | "exists";

/** Bytes from `start` up to and including `end`, or to the last byte; as HTTP's `Range: bytes=start-end`. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface StoredObject {
  readonly body: AsyncIterable<Uint8Array>;
  /** Size of the whole object, also where a range was asked for. */
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Durable objects by key. A promise that resolves means durable; a throw means "again", with nothing half-written. */
export interface ObjectStore {
  readonly bucket: string;
  put(key: string, body: readonly Uint8Array[], options?: PutOptions): Promise<PutOutcome>;
  /**
   * Stores a body of unknown size in bounded memory. A throw from `body` leaves no object and no parts. With `ifAbsent`,
   * it resolves as well where there was an object, which stays as it is.
   */
  putStream(key: string, body: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<void>;
  /** Null where there is no such object. A `body` that is not read to its end must be returned (`for await` does). */
  get(key: string, range?: ByteRange): Promise<StoredObject | null>;
  /** No error where there is no such object. */
  delete(key: string): Promise<void>;
  /** Keys that begin with `prefix`, in order. */
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly sizeBytes: number }>;
}

export interface OutgoingMessage {
  readonly body: string;
  /** Fair queues: no group delays another (SQS `MessageGroupId`). */
  readonly groupId?: string;
  /** 0 to 900. */
  readonly delaySeconds?: number;
  /** String attributes: a dead letter's reason and stage. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface IncomingMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly groupId: string | null;
  /** 1 the first time (SQS `ApproximateReceiveCount`). */
  readonly receiveCount: number;
  /** Milliseconds since 1970. */
  readonly sentAtMs: number;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ReceiveOptions {
  /** 1 to 10. */
  readonly max: number;
  /** Long poll: 0 to 20. */
  readonly waitSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly signal?: AbortSignal;
}

/** An SQS standard queue. Delivery is at least once. */
export interface Queue {
  readonly name: string;
  /** Resolves when every message is durable; throws when any is not (those that are may then arrive twice). */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
  receive(options: ReceiveOptions): Promise<readonly IncomingMessage[]>;
  /** No error for a receipt that is spent. */
  delete(receiptHandles: readonly string[]): Promise<void>;
  /** 0 to 43,200 seconds from now. */
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>;
  depth(): Promise<QueueDepth>;
}

/** As SQS counts: visible, held by a consumer (or put off by one), delayed by the sender. */
export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** Makes the URLs of objects that a webhook carries: readable by whoever has the URL, until it expires. */
export interface ObjectUrls {
  sign(key: string, expiresAtMs: number): Promise<string>;
}

/** Puts an event on an event bus, by its ARN; `detail` is JSON. */
export type SendToBus = (
  arn: string,
  event: { readonly type: string; readonly at: string; readonly detail: string },
) => Promise<void>;

/** Records what a stage did with a message; never throws. */
export type Log = (event: StageEvent) => void;

/** Milliseconds since 1970. */
export type Clock = () => number;

/** DNS as `node:dns/promises` `resolve(name, type)` answers it; rejects with its error codes (`ENOTFOUND`, `ETIMEOUT`, …). */
export type Resolve = (name: string, type: string) => Promise<unknown[]>;

/** A text, or bytes that are made each time they are sent. */
export type RequestBody =
  | string
  | { readonly sizeBytes: number; readonly open: () => AsyncIterable<Uint8Array> };

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody;
  readonly timeoutMs: number;
  /** Private, loopback and link-local addresses may be connected to. */
  readonly allowPrivateAddress: boolean;
}

/** `error` is a short word and a sentence for people; no answer came, or none may be asked for. */
export type PostResult =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** The `Retry-After` field as sent; null when absent. */
      readonly retryAfter: string | null;
      /** The first bytes of the answer, as text. */
      readonly excerpt: string;
    }
  | { readonly kind: "error"; readonly code: string; readonly detail: string };

/** Sends one POST; network trouble is a result, never a throw. */
export type Post = (request: PostRequest) => Promise<PostResult>;
