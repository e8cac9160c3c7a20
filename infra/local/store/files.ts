import { type FileHandle, mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { createShared } from "../shared.ts";

/** Files by number, written once and never changed. */
export interface ObjectFiles {
  /** Writes a new file, durably. A throw leaves none. */
  write(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<WrittenFile>;
  /** The bytes from `start` up to but not including `end`; null where there is no such file. */
  read(file: number, start: number, end: number): Promise<AsyncIterable<Uint8Array> | null>;
  /** Where it fails the file stays until the next start. */
  remove(file: number): Promise<void>;
}

export interface WrittenFile {
  readonly file: number;
  readonly sizeBytes: number;
}

/** Opens a folder of files and sweeps those that are not in `known`: what a process that died had not finished. */
export async function openFiles(folder: string, known: ReadonlySet<number>): Promise<ObjectFiles> {
  await mkdir(folder, { recursive: true });
  const present = (await readdir(folder)).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    present.filter((name) => !known.has(Number(name))).map((name) => unlink(join(folder, name))),
  );
  const syncFolder = createShared(() => sync(folder));
  let last = [...known, ...present.map(Number)].reduce((highest, file) => Math.max(highest, file), 0);
  return {
    write: async (pieces) => {
      last++;
      return { file: last, sizeBytes: await write(join(folder, String(last)), pieces, syncFolder) };
    },
    read: async (file, start, end) => {
      const handle = await openIfThere(join(folder, String(file)));
      return handle === null ? null : createBody(handle, start, end);
    },
    remove: async (file) => unlink(join(folder, String(file))).catch(() => undefined),
  };
}

/** Makes what was created in a folder durable. Windows cannot open a folder, and needs no more than the file's fsync. */
export async function sync(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

async function write(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  syncFolder: () => Promise<void>,
): Promise<number> {
  const handle = await open(path, "wx");
  try {
    await handle.writeFile(pieces);
    await Promise.all([handle.datasync(), syncFolder()]);
    return (await handle.stat()).size;
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

const pieceSizeBytes = 64 * 1024;

/** A generator that was never begun runs no `finally` when it is returned: hence the `return` around it. */
function createBody(handle: FileHandle, start: number, end: number): AsyncIterable<Uint8Array> {
  const pieces = readPieces(handle, start, end);
  const iterator: AsyncIterableIterator<Uint8Array> = {
    next: () => pieces.next(),
    return: async () => {
      await pieces.return(undefined);
      await handle.close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

async function* readPieces(handle: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  try {
    for (let position = start; position < end; ) {
      const buffer = Buffer.allocUnsafe(Math.min(pieceSizeBytes, end - position));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw new Error("the file is shorter than its object");
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
