import type { Transform, TransformCallback } from "node:stream";

/**
 * What a transform makes of a source. It is driven by hand, a chunk at a time: the queues and turns that streams put
 * between each other cost more than all the work on a small mail.
 */
export async function* through<Piece>(
  source: AsyncIterable<Buffer>,
  transform: Pick<Transform, "push" | "_transform" | "_flush">,
): AsyncGenerator<Piece> {
  const pieces: Piece[] = [];
  transform.push = (piece: Piece) => pieces.push(piece) > 0;
  const run = async function* (step: (done: TransformCallback) => void) {
    const failure = await new Promise<Error | null | undefined>(step);
    yield* pieces.splice(0);
    if (failure instanceof Error) throw failure;
  };
  // The encoding is that of strings, which these are not.
  for await (const chunk of source) yield* run((done) => transform._transform(chunk, "binary", done));
  yield* run((done) => transform._flush(done));
}
