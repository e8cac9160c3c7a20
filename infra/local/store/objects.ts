import * as z from "zod";
import type { Database, Value } from "../database.ts";

export interface NewObject {
  readonly key: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly content: Content;
}

/** A small object's bytes lie in its row, a large one's in a file. */
export type Content =
  | { readonly kind: "inline"; readonly sizeBytes: number; readonly body: Uint8Array }
  | { readonly kind: "file"; readonly sizeBytes: number; readonly file: number };

export interface FoundObject {
  /** Grows with every write. */
  readonly sequence: number;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly content: Content;
}

/** A file that no object has any more; null where there is none. */
export type Unused = number | null;

/** The rows of the objects: what has a row exists. Writes must run in a transaction. */
export interface Objects {
  find(key: string): FoundObject | undefined;
  has(key: string): boolean;
  /** Writes over what the key had. */
  put(object: NewObject): { readonly sequence: number; readonly unused: Unused };
  delete(key: string): Unused;
  /** In order, those after the key `after`. */
  list(prefix: string, after: string | null): readonly ListedObject[];
  files(): ReadonlySet<number>;
}

const Metadata = z.record(z.string(), z.string());
const FileRow = z.object({ file: z.number().nullable() });
const ListedObject = z.object({ key: z.string(), sizeBytes: z.number() });
type ListedObject = z.infer<typeof ListedObject>;
const ObjectRow = z.object({
  id: z.number(),
  size: z.number(),
  content_type: z.string(),
  metadata: z.string(),
  file: z.number().nullable(),
  body: z.instanceof(Uint8Array).nullable(),
});

const pageMax = 1000;

export function createObjects(database: Database): Objects {
  const find = database.prepare(
    "select id, size, content_type, metadata, file, body from objects where key = ?",
  );
  const findFile = database.prepare("select file from objects where key = ?");
  const put = database.prepare(
    "insert or replace into objects (key, size, content_type, metadata, file, body) values (?, ?, ?, ?, ?, ?)",
  );
  const remove = database.prepare("delete from objects where key = ?");
  const listFrom = database.prepare(
    `select key, size as sizeBytes from objects where key >= ? order by key limit ${pageMax}`,
  );
  const listAfter = database.prepare(
    `select key, size as sizeBytes from objects where key > ? order by key limit ${pageMax}`,
  );
  const files = database.prepare("select file from objects where file is not null");
  const fileOf = (key: string): Unused => {
    const row = findFile.get(key);
    return row === undefined ? null : FileRow.parse(row).file;
  };
  return {
    find: (key) => {
      const row = find.get(key);
      return row === undefined ? undefined : toFoundObject(ObjectRow.parse(row));
    },
    has: (key) => findFile.get(key) !== undefined,
    put: (object) => {
      const unused = fileOf(object.key);
      return { unused, sequence: Number(put.run(...toRow(object)).lastInsertRowid) };
    },
    delete: (key) => {
      const unused = fileOf(key);
      remove.run(key);
      return unused;
    },
    list: (prefix, after) =>
      (after === null ? listFrom.all(prefix) : listAfter.all(after)).map((row) => ListedObject.parse(row)),
    files: () => new Set(files.all().flatMap((row) => FileRow.parse(row).file ?? [])),
  };
}

function toRow({ key, contentType, metadata, content }: NewObject): Value[] {
  const [file, body] = content.kind === "file" ? [content.file, null] : [null, content.body];
  return [key, content.sizeBytes, contentType, JSON.stringify(metadata), file, body];
}

function toFoundObject(row: z.infer<typeof ObjectRow>): FoundObject {
  const content: Content =
    row.file === null
      ? { kind: "inline", sizeBytes: row.size, body: row.body ?? new Uint8Array() }
      : { kind: "file", sizeBytes: row.size, file: row.file };
  const metadata = Metadata.parse(JSON.parse(row.metadata));
  return { sequence: row.id, contentType: row.content_type, metadata, content };
}
