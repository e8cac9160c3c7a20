import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import type { Queue } from "../../functions/mail/ports.ts";
import type { Embedded } from "../../infra/local/embedded.ts";
import { inlineMaxBytes } from "../../infra/local/store/content.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { bodyOf, openForWriter, startWriter, type Writer } from "./store-writer.ts";

const kills = 10;

test(`what was acknowledged outlives ${kills} kills at any moment, whole, and nothing half is there`, async (context) => {
  const folder = createTemporaryFolder();
  const acknowledged = new Set<string>();
  const announced = new Set<string>();
  const arrived = new Set<string>();
  let next = startWriter(folder.path);
  context.after(async () => {
    await kill(next);
    folder.remove();
  });
  for (let round = 0; round < kills; round++) {
    for (const line of await writeUntilKilled(next)) acknowledged.add(line);
    next = startWriter(folder.path);
    const embedded = await openForWriter(folder.path);
    for (const body of await drain(embedded.queue("parse"))) announced.add(keyIn(body));
    for (const body of await drain(embedded.queue("messages"))) arrived.add(body);
    const present = await readAll(embedded);
    assert.deepEqual(missing(acknowledged, "object ", present), []);
    assert.deepEqual(missing(acknowledged, "message ", arrived), []);
    const raw = [...present].filter((key) => key.startsWith("raw/"));
    assert.deepEqual(raw.toSorted(), [...announced].toSorted());
    const inFiles = [...present].filter((key) => bodyOf(key).length > inlineMaxBytes);
    assert.equal(readdirSync(join(folder.path, "objects")).length, inFiles.length);
    await embedded.close();
  }
  assert.ok(acknowledged.size > kills, `only ${acknowledged.size} acknowledged`);
});

/** Some lines, then the kill: the moment within the writes that were under way is the scheduler's choice. */
async function writeUntilKilled(writer: Writer): Promise<readonly string[]> {
  writer.begin();
  await writer.acknowledged(randomInt(1, 40));
  await kill(writer);
  return writer.lines;
}

async function kill({ child }: Writer): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "close");
}

const missing = (acknowledged: ReadonlySet<string>, kind: string, present: ReadonlySet<string>) =>
  [...acknowledged].filter((line) => line.startsWith(kind) && !present.has(line.slice(kind.length)));

async function readAll({ store }: Embedded): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { key } of store.list("")) {
    const object = await store.get(key);
    assert.ok(object !== null);
    assert.ok(Buffer.concat(await Array.fromAsync(object.body)).equals(bodyOf(key)), `${key} is not whole`);
    assert.equal(object.metadata["key"], key);
    keys.add(key);
  }
  return keys;
}

async function drain(queue: Queue): Promise<string[]> {
  const messages = await queue.receive({ max: 10, waitSeconds: 0, visibilityTimeoutSeconds: 60 });
  await queue.delete(messages.map(({ receiptHandle }) => receiptHandle));
  const bodies = messages.map(({ body }) => body);
  return messages.length === 0 ? [] : [...bodies, ...(await drain(queue))];
}

const Notification = z.object({
  Records: z.tuple([z.object({ s3: z.object({ object: z.object({ key: z.string() }) }) })]),
});

const keyIn = (body: string) =>
  decodeURIComponent(Notification.parse(JSON.parse(body)).Records[0].s3.object.key);
