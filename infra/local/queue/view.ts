/** A look into a queue that changes nothing, and the moves that a person makes by hand. */
import * as z from "zod";
import type { Clock } from "../../../functions/mail/ports.ts";
import type { Database } from "../database.ts";
import type { Bell } from "./bell.ts";

export interface QueueView {
  /** Those whose body has the text, oldest first. */
  list(containing: string, max: number): readonly QueuedMessage[];
  /** Null where it is empty. */
  oldestSentAtMs(): number | null;
  /** Makes visible what waits for its next attempt. */
  hasten(ids: readonly number[]): void;
  /** Puts them into another queue as if they had just been sent; gives how many. Those that a consumer has stay. */
  move(to: string, ids: readonly number[]): number;
  purge(): void;
}

export const QueuedMessage = z.object({
  id: z.number(),
  groupId: z.string(),
  sentAtMs: z.number(),
  visibleAtMs: z.number(),
  receiveCount: z.number(),
  isHeld: z.number().transform(Boolean),
  body: z.string(),
  attributes: z.string().transform((json) => z.record(z.string(), z.string()).parse(JSON.parse(json))),
});
export type QueuedMessage = z.infer<typeof QueuedMessage>;

const Oldest = z.object({ sentAtMs: z.number().nullable() });

export interface QueueViewDeps {
  readonly database: Database;
  readonly now: Clock;
  readonly bell: (name: string) => Bell;
}

export function createQueueView(name: string, { database, now, bell }: QueueViewDeps): QueueView {
  const list = database.prepare(`
    select id, group_id as groupId, sent_at as sentAtMs, visible_at as visibleAtMs, receive_count as receiveCount,
      is_held as isHeld, body, attributes
    from messages join bodies on message_id = id
    where queue = ? and instr(body, ?) order by id limit ?`);
  const oldest = database.prepare("select min(sent_at) as sentAtMs from messages where queue = ?");
  const hasten = database.prepare(
    "update messages set visible_at = ? where id = ? and queue = ? and not is_held and visible_at > ?",
  );
  const move = database.prepare(`
    update messages set queue = ?, sent_at = ?, visible_at = ?, receive_count = 0
    where id = ? and queue = ? and not is_held returning id`);
  const purge = database.prepare("delete from messages where queue = ? and not is_held");
  return {
    list: (containing, max) => list.all(name, containing, max).map((row) => QueuedMessage.parse(row)),
    oldestSentAtMs: () => Oldest.parse(oldest.get(name)).sentAtMs,
    hasten: (ids) => {
      database.write(() => {
        for (const id of ids) hasten.run(now(), id, name, now());
      });
      bell(name).ring();
    },
    move: (to, ids) => {
      const moved = database.write(() =>
        ids.filter((id) => move.get(to, now(), now(), id, name) !== undefined),
      );
      bell(to).ring();
      return moved.length;
    },
    purge: () => database.write(() => void purge.run(name)),
  };
}
