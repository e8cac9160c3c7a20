import * as z from "zod";
import type { QueueDepth } from "../../../functions/mail/ports.ts";
import type { Database } from "../database.ts";
import type { Receipt } from "./receipt.ts";

export interface NewMessage {
  readonly queue: string;
  /** "" for none. */
  readonly groupId: string;
  readonly sentAtMs: number;
  readonly visibleAtMs: number;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A message that is visible. */
export const Waiting = z.object({ id: z.number(), receiveCount: z.number(), sentAtMs: z.number() });
export type Waiting = z.infer<typeof Waiting>;

/** A group that has messages in the queue. */
const Group = z.object({
  groupId: z.string(),
  // Null where none is durable yet.
  firstVisibleAtMs: z
    .number()
    .nullable()
    .transform((ms) => ms ?? Number.POSITIVE_INFINITY),
});
export type Group = z.infer<typeof Group>;

/** The rows of all queues' messages. Writes must run in a transaction. */
export interface Messages {
  /** In a commit. Nobody sees the message before that is durable; then `seen` is called. */
  insert(message: NewMessage, seen: () => void): void;
  /** All groups, each with the moment at which its first message is or becomes visible. */
  groups(queue: string): readonly Group[];
  /** How many messages of each group a consumer has now. */
  held(queue: string, nowMs: number): ReadonlyMap<string, number>;
  /** The one that has been visible for longest. */
  first(queue: string, groupId: string, nowMs: number): Waiting | undefined;
  content(id: number): z.infer<typeof Content>;
  hold(id: number, visibleAtMs: number): void;
  move(id: number, queue: string, nowMs: number): void;
  delete(receipt: Receipt): void;
  changeVisibility(receipt: Receipt, visibleAtMs: number): void;
  depth(queue: string, nowMs: number): QueueDepth;
  /** Makes visible what a process held when it died; what it put off on purpose stays so. */
  release(nowMs: number): void;
  /** Deletes those sent before. */
  expire(sentBeforeMs: number): void;
}

const Held = z.object({ groupId: z.string(), count: z.number() });
const Depth = z.object({ visible: z.number(), inFlight: z.number(), delayed: z.number() });
const Attributes = z.record(z.string(), z.string());
const Content = z.object({
  body: z.string(),
  attributes: z.string().transform((json) => Attributes.parse(JSON.parse(json))),
});

const LastId = z.object({ id: z.number().nullable() });

export function createMessages(database: Database): Messages {
  /** Of the messages that are durable, the last; ids grow in the order of commits. */
  let durableId = LastId.parse(database.prepare("select max(id) as id from messages").get()).id ?? 0;
  const writes = createWrites(database);
  return {
    ...createReads(database, () => durableId),
    ...writes,
    insert: (message, seen) => {
      const id = writes.insert(message);
      database.onDurable(() => {
        durableId = Math.max(durableId, id);
        seen();
      });
    },
  };
}

function createReads(database: Database, durableId: () => number) {
  // SQLite has no skip scan for DISTINCT: this steps from group to group, whatever the number of messages in each.
  const groups = database.prepare(`
    with recursive each (id) as (
      select min(group_id) from messages where queue = ?1
      union all
      select (select min(group_id) from messages where queue = ?1 and group_id > each.id) from each where each.id is not null
    )
    select id as groupId,
      (select min(visible_at) from messages where queue = ?1 and group_id = each.id and id <= ?2) as firstVisibleAtMs
    from each where id is not null`);
  const held = database.prepare(`
    select group_id as groupId, count(*) as count from messages indexed by messages_held
    where is_held and queue = ? and visible_at > ? group by group_id`);
  const first = database.prepare(`
    select id, receive_count as receiveCount, sent_at as sentAtMs from messages
    where queue = ? and group_id = ? and visible_at <= ? and id <= ? order by visible_at, id limit 1`);
  const content = database.prepare("select body, attributes from bodies where message_id = ?");
  const depth = database.prepare(`
    select count(*) filter (where visible_at <= ?2) as visible,
      count(*) filter (where visible_at > ?2 and receive_count > 0) as inFlight,
      count(*) filter (where visible_at > ?2 and receive_count = 0) as delayed
    from messages where queue = ?1`);
  return {
    groups: (queue: string) => groups.all(queue, durableId()).map((row) => Group.parse(row)),
    held: (queue: string, nowMs: number) =>
      new Map(
        held
          .all(queue, nowMs)
          .map((row) => Held.parse(row))
          .map(({ groupId, count }) => [groupId, count]),
      ),
    first: (queue: string, groupId: string, nowMs: number) => {
      const row = first.get(queue, groupId, nowMs, durableId());
      return row === undefined ? undefined : Waiting.parse(row);
    },
    content: (id: number) => Content.parse(content.get(id)),
    depth: (queue: string, nowMs: number) => Depth.parse(depth.get(queue, nowMs)),
  };
}

function createWrites(database: Database) {
  const insert = database.prepare(`
    insert into messages (queue, group_id, sent_at, visible_at, receive_count, is_held) values (?, ?, ?, ?, 0, 0)`);
  const insertBody = database.prepare("insert into bodies (message_id, body, attributes) values (?, ?, ?)");
  const hold = database.prepare(
    "update messages set visible_at = ?, receive_count = receive_count + 1, is_held = 1 where id = ?",
  );
  const move = database.prepare(
    "update messages set queue = ?, visible_at = ?, receive_count = 0, is_held = 0 where id = ?",
  );
  const remove = database.prepare("delete from messages where id = ? and queue = ? and receive_count = ?");
  const change = database.prepare(
    "update messages set visible_at = ?, is_held = 0 where id = ? and queue = ? and receive_count = ?",
  );
  const release = database.prepare(
    "update messages set visible_at = min(visible_at, ?), is_held = 0 where is_held",
  );
  // The oldest have the lowest ids: where the oldest is young enough this reads one row.
  const expire = database.prepare(`
    delete from messages where id < coalesce(
      (select id from messages where sent_at >= ? order by id limit 1), 9223372036854775807)`);
  return {
    insert: ({ queue, groupId, sentAtMs, visibleAtMs, body, attributes }: NewMessage) => {
      const { lastInsertRowid } = insert.run(queue, groupId, sentAtMs, visibleAtMs);
      const id = Number(lastInsertRowid);
      insertBody.run(id, body, JSON.stringify(attributes));
      return id;
    },
    hold: (id: number, visibleAtMs: number) => void hold.run(visibleAtMs, id),
    move: (id: number, queue: string, nowMs: number) => void move.run(queue, nowMs, id),
    delete: ({ id, queue, receiveCount }: Receipt) => void remove.run(id, queue, receiveCount),
    changeVisibility: ({ id, queue, receiveCount }: Receipt, visibleAtMs: number) =>
      void change.run(visibleAtMs, id, queue, receiveCount),
    release: (nowMs: number) => void release.run(nowMs),
    expire: (sentBeforeMs: number) => void expire.run(sentBeforeMs),
  };
}
