/** Sends stored messages through the stages once more. */
import { idOfRawKey, rawKey, rawPrefix } from "../mail/keys.ts";
import type { ReplayOrder } from "../mail/messages.ts";
import type { Clock, ObjectStore, Queue } from "../mail/ports.ts";

/** Parts of about the same size that a time's messages can be asked for by, so that long work shows how far it is. */
export const replayParts = 16;

/** Which messages: one, or all that came from one time up to and including another, or one part of them, from 1 on. */
export type ReplaySelection =
  | { readonly kind: "id"; readonly id: string }
  | {
      readonly kind: "received";
      readonly fromMs: number;
      readonly toMs: number;
      readonly part?: number | undefined;
    };

export interface ReplayDeps {
  readonly store: ObjectStore;
  /** The queue of stage parse. */
  readonly queue: Pick<Queue, "send">;
  readonly now: Clock;
}

/**
 * Asks for the selected messages once more, and gives how many there are. They are parsed, judged and routed anew, by the
 * config in force; `order` may leave the deliveries by one route, or to one endpoint. Each has a `webhook-id` of its own.
 */
export async function replay(
  selection: ReplaySelection,
  order: Omit<ReplayOrder, "at">,
  { store, queue, now }: ReplayDeps,
): Promise<number> {
  const marked = { ...order, at: new Date(now()).toISOString() } satisfies ReplayOrder;
  let count = 0;
  for await (const keys of inBatches(keysOf(selection, store))) {
    await queue.send(keys.map((key) => ({ body: notificationOf(key, store.bucket, marked) })));
    count += keys.length;
  }
  return count;
}

async function* keysOf(selection: ReplaySelection, store: ObjectStore): AsyncGenerator<string> {
  if (selection.kind === "id") {
    const key = rawKey(selection.id);
    for await (const found of store.list(key)) if (found.key === key) yield key;
    return;
  }
  const { fromMs, toMs, part } = selection;
  const [first, last] = [idStart(fromMs), idStart(toMs)];
  const [from, count] = part === undefined ? [0, shardCount] : [(part - 1) * partShards, partShards];
  for (let shard = from; shard < from + count; shard++) {
    const folder = `${rawPrefix}${shard.toString(16).padStart(2, "0")}/`;
    for await (const { key } of store.list(folder + commonStart(first, last))) {
      const time = idOfRawKey(key)?.slice(0, first.length);
      if (time !== undefined && time >= first && time <= last) yield key;
    }
  }
}

/** Keys are spread over the last two hex digits of the id. */
const shardCount = 256;
const partShards = shardCount / replayParts;

/** How the id of a message of that time begins: 48 bits of milliseconds (RFC 9562 §5.7). */
function idStart(ms: number): string {
  const hex = Math.min(Math.max(0, Math.floor(ms)), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return one.slice(0, length);
}

/** As S3 would tell of the object, with the order beside it. */
const notificationOf = (key: string, bucket: string, order: ReplayOrder) =>
  JSON.stringify({
    Records: [{ eventName: "ObjectCreated:Replay", s3: { bucket: { name: bucket }, object: { key } } }],
    replay: order,
  });

const batchMax = 10;

async function* inBatches(keys: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const key of keys) {
    if (batch.push(key) < batchMax) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
