import { closeSync, fdatasync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { schemaSteps } from "./schema.ts";
import { createShared } from "./shared.ts";

export type Value = null | number | string | Uint8Array;

export interface Statement {
  run(...values: Value[]): { readonly lastInsertRowid: number | bigint };
  get(...values: Value[]): Record<string, unknown> | undefined;
  all(...values: Value[]): Record<string, unknown>[];
}

export interface Database {
  prepare(sql: string): Statement;
  /**
   * Runs `work` in a transaction with that of everyone else who asks in the same turn of the event loop, so that all
   * of them share one fsync; resolves when it is durable. Work that throws is undone and rejects alone; for that, all
   * work may have to run twice.
   */
  commit<Result>(work: () => Result): Promise<Result>;
  /** Within the work of a commit: `run` is called as soon as that is durable, before its caller is told. */
  onDurable(run: () => void): void;
  /** The same for work that need not be durable: it outlives the process, though perhaps not a power cut. */
  join<Result>(work: () => Result): Promise<Result>;
  /** Runs `work` in a transaction at once, without fsync: it outlives the process, though perhaps not a power cut. */
  write<Result>(work: () => Result): Result;
  /** Commits what waits, then closes. */
  close(): void;
}

/** Makes the octets of an open file durable. */
type Datasync = (file: number) => Promise<void>;

interface Waiting {
  /** The caller waits for the disk. */
  readonly isDurable: boolean;
  /** Runs the work; gives what tells the caller. */
  run(): () => void;
  reject(error: unknown): void;
}

/** Opens the database for this process alone: the kernel holds the lock and lets go of it when the process dies. */
export function openDatabase(
  path: string,
  steps: readonly string[] = schemaSteps,
  datasync: Datasync = promisify(fdatasync),
): Database {
  const database = new DatabaseSync(path);
  try {
    prepareFile(database, steps);
  } catch (error) {
    database.close();
    throw error;
  }
  const log = openLog(path, datasync);
  const transaction = createTransaction(database);
  const runAlone = createSavepoint(database);
  // Savepoints cost as much as the work itself, so they are set only once it is known that some work throws.
  const runTogether = (batch: readonly Waiting[]) => {
    whenDurable = [];
    try {
      return transaction(() => batch.map(({ run }) => run()));
    } catch {
      whenDurable = [];
      return transaction(() => batch.map(runAlone));
    }
  };
  let waiting: Waiting[] = [];
  let whenDurable: (() => void)[] = [];
  const commitWaiting = async () => {
    const batch = waiting;
    if (batch.length === 0) return;
    waiting = [];
    try {
      const tells = runTogether(batch);
      const durable = whenDurable;
      const tellAll = (wanted: boolean) =>
        batch.forEach(({ isDurable }, index) => {
          if (isDurable === wanted) tells[index]?.();
        });
      tellAll(false);
      if (batch.some(({ isDurable }) => isDurable)) await log.sync();
      for (const run of durable) run();
      tellAll(true);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  const wait = async <Result>(isDurable: boolean, work: () => Result): Promise<Result> => {
    if (!database.isOpen) throw new Error("the database is closed");
    log.assertWhole();
    return new Promise((resolve, reject) => {
      const run = () => {
        const result = work();
        return () => resolve(result);
      };
      if (waiting.push({ isDurable, run, reject }) === 1) setImmediate(commitWaiting);
    });
  };
  return {
    prepare: (sql) => database.prepare(sql),
    write: transaction,
    commit: (work) => wait(true, work),
    join: (work) => wait(false, work),
    onDurable: (run) => void whenDurable.push(run),
    close: () => {
      if (!database.isOpen) return;
      void commitWaiting();
      database.close();
      void log.close();
    },
  };
}

/** SQLITE_BUSY: another process has the database open. */
export const isDatabaseLocked = (error: unknown) =>
  error instanceof Error && "errcode" in error && error.errcode === 5;

/** Large pages suit bodies: of 4, 8 and 16 KiB the last took the least CPU for objects of 2 and of 32 KB. */
const pageSizeBytes = 16 * 1024;

function prepareFile(database: DatabaseSync, steps: readonly string[]): void {
  database.exec(`
    pragma page_size = ${pageSizeBytes};
    pragma locking_mode = exclusive;
    pragma journal_mode = wal;
    pragma synchronous = normal;
    pragma fullfsync = on; -- macOS: fsync alone leaves data in the drive's cache
    begin immediate;
  `);
  const version = Number(database.prepare("pragma user_version").get()?.["user_version"]);
  if (version > steps.length) {
    throw new Error(`the data is of version ${version}, and this program knows ${steps.length} at most`);
  }
  for (const step of steps.slice(version)) database.exec(step);
  database.exec(`pragma user_version = ${steps.length}; commit`);
}

/**
 * The write-ahead log, which a commit makes durable: SQLite itself would do that within the commit, and let the whole
 * process wait for the disk. All that was committed before a sync begins shares it.
 */
function openLog(path: string, datasync: Datasync) {
  const file = path === ":memory:" ? null : openSync(`${path}-wal`, "r+");
  let failure: Error | null = null;
  const assertWhole = () => {
    if (failure !== null) throw failure;
  };
  const sync = createShared(async () => {
    assertWhole();
    if (file === null) return;
    try {
      await datasync(file);
    } catch (cause) {
      // The kernel may have dropped what it could not write: a later sync that succeeds would prove nothing.
      failure = new Error(
        `${path}: the disk does not keep what is written; nothing is taken until a restart`,
        { cause },
      );
      throw failure;
    }
  });
  const close = async () => {
    await sync().catch(() => undefined);
    if (file !== null) closeSync(file);
  };
  return { sync, assertWhole, close };
}

function createTransaction(database: DatabaseSync) {
  const begin = database.prepare("begin immediate");
  const commit = database.prepare("commit");
  return <Result>(work: () => Result): Result => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec("rollback");
      throw error;
    }
  };
}

function createSavepoint(database: DatabaseSync) {
  const savepoint = database.prepare("savepoint work");
  const release = database.prepare("release work");
  const rollback = database.prepare("rollback to work");
  return ({ run, reject }: Waiting): (() => void) => {
    savepoint.run();
    try {
      const tell = run();
      release.run();
      return tell;
    } catch (error) {
      // On a full disk SQLite may have undone the whole transaction, and with it everyone's work.
      if (!database.isTransaction) throw error;
      rollback.run();
      release.run();
      return () => reject(error);
    }
  };
}
