import assert from "node:assert/strict";
import { fstatSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Database, openDatabase } from "../../infra/local/database.ts";
import { createMessages } from "../../infra/local/queue/messages.ts";
import { createTemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

type Check = (database: Database, path: string) => Promise<void> | void;

const message = "insert into messages values (?, 'q', '', 0, 0, 0, 0)";
const orphan = "insert into bodies values (?, 'body', '{}')";

const idsIn = (database: Database) =>
  database
    .prepare("select id from messages order by id")
    .all()
    .map(({ id }) => id);

const insert = (database: Database, id: number) => () => {
  database.prepare(message).run(id);
  return id;
};

const cases: readonly (readonly [string, Check])[] = [
  [
    "work gives its result when it is durable",
    async (database) => {
      assert.equal(await database.commit(insert(database, 1)), 1);
      assert.deepEqual(idsIn(database), [1]);
    },
  ],
  [
    "work that throws is undone and rejects alone",
    async (database) => {
      const broken = new Error("broken");
      const outcomes = await Promise.allSettled([
        database.commit(insert(database, 1)),
        database.commit(() => {
          insert(database, 2)();
          throw broken;
        }),
        database.commit(insert(database, 1)),
        database.commit(insert(database, 3)),
      ]);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ["fulfilled", "rejected", "rejected", "fulfilled"],
      );
      assert.equal(outcomes[1]?.status === "rejected" && outcomes[1].reason, broken);
      assert.deepEqual(idsIn(database), [1, 3]);
    },
  ],
  [
    "work asked for in one turn shares one transaction, and so the fate of its commit",
    async (database) => {
      const outcomes = await Promise.allSettled([
        database.commit(insert(database, 1)),
        database.commit(() => {
          database.prepare("pragma defer_foreign_keys = on").get();
          database.prepare(orphan).run(99);
        }),
      ]);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ["rejected", "rejected"],
      );
      assert.deepEqual(idsIn(database), []);
      await database.commit(insert(database, 2));
      assert.deepEqual(idsIn(database), [2]);
    },
  ],
  [
    "a write that throws is undone",
    (database) => {
      const broken = () => {
        insert(database, 1)();
        throw new Error("broken");
      };
      assert.throws(() => database.write(broken), /broken/);
      assert.deepEqual(idsIn(database), []);
      assert.equal(database.write(insert(database, 2)), 2);
    },
  ],
  [
    "closing commits what waits",
    async (database, path) => {
      const committed = database.commit(insert(database, 1));
      database.close();
      assert.equal(await committed, 1);
      const reopened = openDatabase(path);
      assert.deepEqual(idsIn(reopened), [1]);
      reopened.close();
    },
  ],
  [
    "a closed database takes nothing",
    async (database) => {
      database.close();
      database.close();
      await assert.rejects(database.commit(insert(database, 1)), /the database is closed/);
    },
  ],
  [
    "a database of a newer version is refused",
    (database, path) => {
      database.prepare("pragma user_version = 1000").get();
      database.close();
      assert.throws(
        () => openDatabase(path),
        /the data is of version 1000, and this program knows 1 at most/,
      );
    },
  ],
  [
    "a file that is no database is refused and left as it is",
    (database, path) => {
      database.close();
      writeFileSync(path, "no database ".repeat(100));
      assert.throws(() => openDatabase(path), /not a database/);
    },
  ],
];

for (const [sentence, check] of cases) {
  test(sentence, async () => {
    const folder = createTemporaryFolder();
    const path = join(folder.path, "test.db");
    const database = openDatabase(path);
    try {
      await check(database, path);
    } finally {
      database.close();
      folder.remove();
    }
  });
}

/** A database whose syncs of the log are held until they are let go, or failed. */
function openHeld(context: TestContext) {
  const path = join(temporaryFolder(context), "test.db");
  const syncs: { readonly file: number; readonly end: (error?: Error) => void }[] = [];
  const datasync = async (file: number) =>
    new Promise<void>((resolve, reject) =>
      syncs.push({ file, end: (error) => (error === undefined ? resolve() : reject(error)) }),
    );
  const database = openDatabase(path, undefined, datasync);
  context.after(database.close);
  return { path, database, syncs };
}

const turn = async () => new Promise((resolve) => setImmediate(resolve));

test("a commit is done when the log is durable; a write does not wait for that", async (context) => {
  const { path, database, syncs } = openHeld(context);
  database.write(insert(database, 1));
  await turn();
  assert.equal(syncs.length, 0);
  let isDone = false;
  const committed = database.commit(insert(database, 2)).then(() => (isDone = true));
  await turn();
  await turn();
  assert.deepEqual([syncs.length, isDone], [1, false]);
  const log = statSync(`${path}-wal`);
  assert.equal(fstatSync(syncs[0]?.file ?? -1).ino, log.ino);
  assert.ok(log.size > 0);
  syncs[0]?.end();
  await committed;
});

test("work that need not be durable shares the transaction, and does not wait for the disk", async (context) => {
  const { database, syncs } = openHeld(context);
  let isDurable = false;
  const committed = database.commit(insert(database, 1)).then(() => (isDurable = true));
  assert.equal(await database.join(insert(database, 2)), 2);
  assert.deepEqual([idsIn(database), syncs.length, isDurable], [[1, 2], 1, false]);
  syncs[0]?.end();
  await committed;
  await database.join(insert(database, 3));
  assert.equal(syncs.length, 1);
});

test("a message of a queue is seen once its commit is durable, and its sender is told after that", async (context) => {
  const { database, syncs } = openHeld(context);
  const messages = createMessages(database);
  const message = { queue: "q", groupId: "", sentAtMs: 0, visibleAtMs: 0, body: "", attributes: {} };
  const heard: string[] = [];
  const committed = database
    .commit(() => messages.insert(message, () => heard.push("seen")))
    .then(() => heard.push("told"));
  await turn();
  await turn();
  assert.deepEqual(messages.groups("q"), [{ groupId: "", firstVisibleAtMs: Number.POSITIVE_INFINITY }]);
  assert.equal(messages.first("q", "", 1), undefined);
  assert.deepEqual([syncs.length, heard], [1, []]);
  syncs[0]?.end();
  await committed;
  assert.deepEqual(heard, ["seen", "told"]);
  assert.deepEqual(messages.groups("q"), [{ groupId: "", firstVisibleAtMs: 0 }]);
  assert.equal(messages.first("q", "", 1)?.id, 1);
});

test("those who commit while the log is synced share the next sync", async (context) => {
  const { database, syncs } = openHeld(context);
  const commits = [database.commit(insert(database, 1))];
  await turn();
  for (const id of [2, 3]) {
    commits.push(database.commit(insert(database, id)));
    await turn();
  }
  assert.equal(syncs.length, 1);
  assert.deepEqual(idsIn(database), [1, 2, 3]);
  syncs[0]?.end();
  await commits[0];
  await turn();
  assert.equal(syncs.length, 2);
  syncs[1]?.end();
  assert.deepEqual(await Promise.all(commits), [1, 2, 3]);
});

test("after a sync that failed nothing more is taken, since a later one proves nothing", async (context) => {
  const { database, syncs } = openHeld(context);
  const commits = [database.commit(insert(database, 1))];
  await turn();
  commits.push(database.commit(insert(database, 2)));
  await turn();
  syncs[0]?.end(new Error("EIO: i/o error"));
  for (const commit of commits) await assert.rejects(commit, /nothing is taken until a restart/);
  await assert.rejects(database.commit(insert(database, 3)), /nothing is taken until a restart/);
  assert.equal(syncs.length, 1);
});
