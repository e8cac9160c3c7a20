/** The one place that knows mailsplit, which cuts a message into pieces; here they become its parts, one after another. */
import mailsplit from "@zone-eu/mailsplit";
import { limits } from "../mail/limits.ts";
import { type Entity, isMultipart } from "./entity.ts";
import { LineGuard } from "./guard.ts";
import { type MimeNode, type MimePiece, MimeTree } from "./mime-tree.ts";
import { parseLimits } from "./parse-limits.ts";
import { through } from "./through.ts";
import type { ParseWarning } from "./warnings.ts";

/** A part that is no multipart. Its `content`, transfer encoding undone, must be read to the end before the next. */
export interface Part {
  readonly entity: Entity;
  readonly content: AsyncIterable<Uint8Array>;
}

/** What is read ahead at most. */
const chunkSizeBytes = 64 * 1024;

/** Reads one message, of whose header it needs the fields that concern MIME and the blank line. */
export class MimeReader {
  readonly tree = new MimeTree();
  readonly #pieces: AsyncGenerator<MimePiece>;
  /** The piece that ended a part's content. */
  #ahead: MimePiece | null = null;
  #failure: ParseWarning | null = null;
  #isInterrupted = false;

  constructor(header: Buffer, body: AsyncIterable<Buffer>) {
    const splitter = new mailsplit.Splitter({
      ignoreEmbedded: true,
      maxHeadSize: limits.headerBlockMaxBytes,
      // The tree itself refuses the part after the limit; one more leaves it the time to.
      maxChildNodes: limits.mimePartsMax + 2,
    });
    this.#pieces = through(this.#guarded(header, body), splitter);
  }

  /** Why reading stopped before the message's end; what came before stands. */
  get failure(): ParseWarning | null {
    return this.#failure;
  }

  /** It stopped inside a part, whose content then threw. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  async *parts(): AsyncGenerator<Part> {
    try {
      for (let piece = await this.#next(); piece !== null; piece = await this.#next()) {
        const entity = this.tree.current;
        if (piece.type === "node" && !isMultipart(entity)) yield { entity, content: this.#contentOf(piece) };
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      await this.#pieces.return(undefined);
    }
  }

  async *#contentOf(node: MimeNode): AsyncGenerator<Uint8Array> {
    const isEncoded = node.encoding === "base64" || node.encoding === "quoted-printable";
    try {
      yield* isEncoded ? through<Buffer>(this.#body(), node.getDecoder()) : this.#body();
    } catch (error) {
      this.#isInterrupted = true;
      this.#fail(error);
      throw error;
    }
  }

  /** Of the part that has just begun. */
  async *#body(): AsyncGenerator<Buffer> {
    for (let piece = await this.#next(); piece !== null; piece = await this.#next()) {
      if (piece.type === "body") yield piece.value;
      else {
        this.#ahead = piece;
        return;
      }
    }
  }

  /** Null at the end. */
  async #next(): Promise<MimePiece | null> {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (ahead !== null) return ahead;
    const { value, done } = await this.#pieces.next();
    if (done === true) return null;
    this.tree.add(value);
    if (this.tree.violation !== null) throw new Error(this.tree.violation.code);
    return value;
  }

  async *#guarded(header: Buffer, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield header;
    const guard = new LineGuard();
    for await (const bytes of body) {
      for (let start = 0; start < bytes.length; start += chunkSizeBytes) {
        const chunk = bytes.subarray(start, start + chunkSizeBytes);
        if (!guard.feed(chunk)) {
          const detail = `more than ${parseLimits.bodyLinesMax} lines`;
          this.#failure ??= { code: "body-lines-too-many", detail };
          throw new Error(detail);
        }
        yield chunk;
      }
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= this.tree.violation ?? describeFailure(error);
  }
}

/** mailsplit has one error for its bounds, and says which in words alone. */
function describeFailure(error: unknown): ParseWarning {
  const detail = error instanceof Error ? error.message : String(error);
  if (/max.*header/i.test(detail)) return { code: "part-header-too-large", detail };
  return { code: /max.*nodes/i.test(detail) ? "parts-too-many" : "mime-unreadable", detail };
}
