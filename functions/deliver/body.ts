/** Request bodies with attachments in them: never whole in memory, and read anew each time they are sent. */
import { PermanentError } from "../mail/errors.ts";
import type { ObjectStore, RequestBody } from "../mail/ports.ts";

/** Text as it is, or a stored object as it is or in base64. */
export type Piece =
  | string
  | { readonly key: string; readonly sizeBytes: number; readonly encoding: "binary" | "base64" };

/** The pieces in a row: a string where none is an object. */
export function createBody(pieces: readonly Piece[], store: Pick<ObjectStore, "get">): RequestBody {
  const texts = pieces.filter((piece) => typeof piece === "string");
  if (texts.length === pieces.length) return texts.join("");
  return {
    sizeBytes: pieces.reduce((sum, piece) => sum + sizeOf(piece), 0),
    open: () => read(pieces, store),
  };
}

function sizeOf(piece: Piece): number {
  if (typeof piece === "string") return Buffer.byteLength(piece);
  return piece.encoding === "binary" ? piece.sizeBytes : Math.ceil(piece.sizeBytes / 3) * 4;
}

async function* read(pieces: readonly Piece[], store: Pick<ObjectStore, "get">): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (typeof piece === "string") {
      yield Buffer.from(piece);
      continue;
    }
    const object = await store.get(piece.key);
    if (object === null) throw new PermanentError(`${piece.key}: no such object`);
    yield* piece.encoding === "binary" ? object.body : inBase64(object.body);
  }
}

/** Three bytes make four characters: what is left over of a chunk waits for the next. */
async function* inBase64(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    rest = bytes.subarray(whole);
    if (whole > 0) yield Buffer.from(bytes.toString("base64", 0, whole));
  }
  if (rest.length > 0) yield Buffer.from(rest.toString("base64"));
}
