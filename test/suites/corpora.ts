import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The mails under a folder, by path, in order; null where the corpora are not on this machine. */
export async function readMails(folder: string): Promise<[path: string, mail: Buffer][] | null> {
  const corpora = process.env["MAILCHUTE_CORPORA"];
  if (corpora === undefined) return null;
  const root = join(corpora, folder);
  const paths = (await readdir(root, { recursive: true })).filter((path) => path.endsWith(".eml")).sort();
  return Promise.all(paths.map(async (path) => [path, await readFile(join(root, path))] as const)).then(
    (mails) => mails.map(([path, mail]) => [path, mail]),
  );
}
