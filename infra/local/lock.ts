import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "../../functions/mail/errors.ts";
import { type Database, isDatabaseLocked, openDatabase } from "./database.ts";
import { StartError } from "./settings.ts";

/**
 * Opens the database of a data folder, and so takes the folder for this process. The lock is the database's own; the
 * file with the pid only says who has it, so one that a dead process left behind fools nobody.
 */
export function openLocked(folder: string): Database {
  const pidFile = join(folder, "pid");
  try {
    mkdirSync(folder, { recursive: true });
    const database = openDatabase(join(folder, "mailchute.db"));
    writeFileSync(pidFile, `${process.pid}\n`);
    return database;
  } catch (error) {
    if (isDatabaseLocked(error)) {
      throw new StartError(
        `the data folder ${folder} is in use by ${holder(pidFile)}: stop it, or set MAILCHUTE_DATA_DIR to another folder`,
        { cause: error },
      );
    }
    throw new StartError(`the data folder ${folder} cannot be used: ${describeError(error)}`, {
      cause: error,
    });
  }
}

function holder(pidFile: string): string {
  const text = existsSync(pidFile) ? readFileSync(pidFile, "utf8") : "";
  return /^\d+\n$/.test(text) ? `process ${text.trim()}` : "another process";
}
