import { dirname, join, resolve } from "node:path";
import type { Clock, ObjectStore, Queue } from "../../functions/mail/ports.ts";
import { retentionDays } from "../pipeline.ts";
import { openLocked } from "./lock.ts";
import { type After, type Bell, createBell } from "./queue/bell.ts";
import { createMessages } from "./queue/messages.ts";
import { createQueue, type EmbeddedQueue } from "./queue/queue.ts";
import type { Giving } from "./queue/receive.ts";
import { createQueueView, type QueueView } from "./queue/view.ts";
import { openFiles, sync } from "./store/files.ts";
import { createNotification, type ObjectCreated } from "./store/object-created.ts";
import { createObjects } from "./store/objects.ts";
import { createStore } from "./store/store.ts";

export interface EmbeddedOptions {
  /** Made where there is none. */
  readonly folder: string;
  readonly queues: readonly QueueDeclaration[];
  /** Each object whose key begins with the prefix sends an S3 event to the queue. */
  readonly notifications: readonly { readonly prefix: string; readonly queue: string }[];
  readonly now: Clock;
  readonly bucket?: string;
  readonly after?: After;
  readonly retentionMs?: number;
}

export interface QueueDeclaration extends Giving {
  readonly name: string;
}

export interface Embedded {
  readonly store: ObjectStore;
  /** Throws for a name that was not declared. */
  queue(name: string): Queue;
  /** Throws for a name that was not declared. */
  view(name: string): QueueView;
  /** Ends the long polls, commits what waits, and gives up the folder. */
  close(): Promise<void>;
}

const afterTimeout: After = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

const retentionDefaultMs = retentionDays * 24 * 60 * 60 * 1000;

/**
 * The store and the queues of one machine, in one folder that this process then has alone. Object and event are
 * written in one transaction, so there is never one without the other.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { now, bucket = "mailchute", after = afterTimeout, retentionMs = retentionDefaultMs } = options;
  const folder = resolve(options.folder);
  const database = openLocked(folder);
  try {
    const messages = createMessages(database);
    database.write(() => messages.release(now()));
    const files = await openFiles(join(folder, "objects"), createObjects(database).files());
    await Promise.all([sync(folder), sync(dirname(folder))]);
    const bells = new Map(options.queues.map(({ name }) => [name, createBell(after)]));
    const bell = (name: string): Bell => known(bells, name);
    const deps = { database, messages, now, retentionMs, bell };
    const queues = new Map(options.queues.map((one) => [one.name, createQueue(one.name, one, deps)]));
    const queue = (name: string) => known(queues, name);
    for (const { redrive } of options.queues) if (redrive !== undefined) queue(redrive.deadLetters);
    const onCreated = notify(
      options.notifications.map(({ prefix, queue: name }) => ({ prefix, queue: queue(name) })),
    );
    return {
      store: createStore({ database, files, bucket, now, onCreated }),
      queue,
      view: (name) => createQueueView(queue(name).name, deps),
      close: async () => {
        for (const one of queues.values()) one.close();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function known<Part>(parts: ReadonlyMap<string, Part>, name: string): Part {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`no queue ${name} is declared`);
  return part;
}

function notify(notifications: readonly { readonly prefix: string; readonly queue: EmbeddedQueue }[]) {
  return (event: ObjectCreated) => {
    for (const { prefix, queue } of notifications) {
      if (event.key.startsWith(prefix)) queue.enqueue([{ body: createNotification(event) }]);
    }
  };
}
