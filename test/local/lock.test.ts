import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openLocked } from "../../infra/local/lock.ts";
import { StartError } from "../../infra/local/settings.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { startWriter } from "./store-writer.ts";

function inFolder(check: (path: string) => Promise<void> | void) {
  return async () => {
    const folder = createTemporaryFolder();
    try {
      await check(folder.path);
    } finally {
      folder.remove();
    }
  };
}

const refuses = (path: string, sentence: string | RegExp) =>
  assert.throws(
    () => openLocked(path),
    (error) => {
      assert.ok(error instanceof StartError);
      if (typeof sentence === "string") assert.equal(error.message, sentence);
      else assert.match(error.message, sentence);
      return true;
    },
  );

test(
  "a second process is refused by the first one's id, and let in the moment that one is killed",
  inFolder(async (path) => {
    const writer = startWriter(path);
    writer.begin();
    await writer.acknowledged(1);
    const inUse = `the data folder ${path} is in use by process ${writer.child.pid}: stop it, or set MAILCHUTE_DATA_DIR to another folder`;
    refuses(path, inUse);
    writer.child.kill("SIGKILL");
    await once(writer.child, "close");
    openLocked(path).close();
  }),
);

test(
  "a second opening in one process is refused",
  inFolder((path) => {
    const first = openLocked(path);
    refuses(path, new RegExp(`is in use by process ${process.pid}:`));
    first.close();
    openLocked(path).close();
  }),
);

test(
  "a pid file without a lock refuses nobody",
  inFolder((path) => {
    writeFileSync(join(path, "pid"), "1\n");
    openLocked(path).close();
  }),
);

test(
  "a lock without a readable pid file still refuses",
  inFolder((path) => {
    const first = openLocked(path);
    writeFileSync(join(path, "pid"), "nonsense");
    refuses(path, /is in use by another process:/);
    first.close();
  }),
);

test(
  "a folder that cannot be used is named with the reason",
  inFolder((path) => {
    const file = join(path, "file");
    writeFileSync(file, "");
    refuses(file, /^the data folder .*file cannot be used: EEXIST/);
    refuses(join(file, "below"), /^the data folder .*below cannot be used: ENOTDIR/);
    mkdirSync(join(path, "mailchute.db"));
    refuses(path, `the data folder ${path} cannot be used: unable to open database file`);
  }),
);
