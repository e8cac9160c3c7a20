import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The mails under a folder, by path, in order. */
export async function readMails(folder: string): Promise<(readonly [path: string, mail: Buffer])[]> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".eml")).sort();
  return Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const));
}
