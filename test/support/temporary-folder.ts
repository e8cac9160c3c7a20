import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

export function createTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), "mailchute-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** A folder that goes when the test ends. */
export function temporaryFolder(context: { after(remove: () => void): void }): string {
  const { path, remove } = createTemporaryFolder();
  context.after(remove);
  return path;
}
