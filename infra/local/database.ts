import { DatabaseSync } from "node:sqlite";
import { schemaSteps } from "./schema.ts";

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
  /** Runs `work` in a transaction at once, without fsync: it outlives the process, though perhaps not a power cut. */
  write<Result>(work: () => Result): Result;
  /** Commits what waits, then closes. */
  close(): void;
}

interface Waiting {
  /** Runs the work; gives what tells the caller once the transaction is durable. */
  run(): () => void;
  reject(error: unknown): void;
}

/** Opens the database for this process alone: the kernel holds the lock and lets go of it when the process dies. */
export function openDatabase(path: string, steps: readonly string[] = schemaSteps): Database {
  const database = new DatabaseSync(path);
  try {
    prepareFile(database, steps);
  } catch (error) {
    database.close();
    throw error;
  }
  const transaction = createTransaction(database);
  const runAlone = createSavepoint(database);
  // Savepoints cost as much as the work itself, so they are set only once it is known that some work throws.
  const runTogether = (batch: readonly Waiting[]) => {
    try {
      return transaction("full", () => batch.map(({ run }) => run()));
    } catch {
      return transaction("full", () => batch.map(runAlone));
    }
  };
  let waiting: Waiting[] = [];
  const commitWaiting = () => {
    const batch = waiting;
    if (batch.length === 0) return;
    waiting = [];
    try {
      for (const tell of runTogether(batch)) tell();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return {
    prepare: (sql) => database.prepare(sql),
    write: (work) => transaction("normal", work),
    commit: async (work) => {
      if (!database.isOpen) throw new Error("the database is closed");
      return new Promise((resolve, reject) => {
        const run = () => {
          const result = work();
          return () => resolve(result);
        };
        if (waiting.push({ run, reject }) === 1) setImmediate(commitWaiting);
      });
    },
    close: () => {
      if (!database.isOpen) return;
      commitWaiting();
      database.close();
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

function createTransaction(database: DatabaseSync) {
  const begin = database.prepare("begin immediate");
  const commit = database.prepare("commit");
  let current = "";
  return <Result>(synchronous: "full" | "normal", work: () => Result): Result => {
    if (current !== synchronous) database.exec(`pragma synchronous = ${synchronous}`);
    current = synchronous;
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
