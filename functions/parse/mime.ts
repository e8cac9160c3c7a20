/** The one place that knows mailparser: its stream gives the parts of a message, one after another. */
import type { Readable } from "node:stream";
import { type AttachmentStream, MailParser, type MessageText } from "mailparser";
import { limits } from "../mail/limits.ts";
import { type Entity, isBody, isEncoded } from "./entity.ts";
import { LineGuard } from "./guard.ts";
import { type MimePiece, MimeTree } from "./mime-tree.ts";
import { parseLimits } from "./parse-limits.ts";
import type { ParseWarning } from "./warnings.ts";

/** A part that is no multipart. Its `content`, transfer encoding undone, must be read to the end before the next. */
export interface Part {
  readonly entity: Entity;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Takes text that no transfer encoding hides, as it comes. */
export interface TextSink {
  begin(entity: Entity): void;
  keep(entity: Entity, bytes: Buffer): void;
}

/** mailparser copies what it is given into pieces of this size anyway. */
const pieceSizeBytes = 64 * 1024;

/** Reads one message, of whose header it needs the fields that concern MIME and the blank line. */
export class MimeReader {
  readonly tree = new MimeTree();
  /** The parameters of the message's own Content-Type, names in lower case. */
  contentTypeParameters: ReadonlyMap<string, string> = new Map();
  readonly #header: Buffer;
  readonly #body: AsyncIterable<Buffer>;
  readonly #texts: TextSink;
  #failure: ParseWarning | null = null;
  #isInterrupted = false;

  constructor(header: Buffer, body: AsyncIterable<Buffer>, texts: TextSink) {
    this.#header = header;
    this.#body = body;
    this.#texts = texts;
  }

  /** Why reading stopped before the message's end; what came before stands. */
  get failure(): ParseWarning | null {
    return this.#failure;
  }

  /** It stopped inside a part, whose content then threw. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** The parts that the text sink did not take. */
  async *parts(): AsyncGenerator<Part> {
    const parser = new PartParser(this.tree, this.#texts);
    parser.on("headers", (headers) => {
      const contentType = headers.get("content-type");
      if (typeof contentType === "object" && "params" in contentType) {
        this.contentTypeParameters = new Map(Object.entries(contentType.params));
      }
    });
    parser.on("error", (error: unknown) => this.#fail(error));
    const feeding = this.#feed(parser);
    try {
      for await (const part of pull<AttachmentStream | MessageText>(parser, parser)) {
        if (part.type !== "attachment") continue;
        part.content.on("error", () => undefined); // It is thrown in whoever reads it, and else matters to nobody.
        yield { entity: this.tree.current, content: this.#contentOf(part.content, parser) };
        part.release?.();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      parser.destroy();
      await feeding;
    }
  }

  /** Ends with the parser, whose failure is told elsewhere. */
  async #feed(parser: PartParser): Promise<void> {
    try {
      parser.write(this.#header);
      const guard = new LineGuard();
      for await (const chunk of this.#body) {
        for (let start = 0; start < chunk.length; start += pieceSizeBytes) {
          const piece = chunk.subarray(start, start + pieceSizeBytes);
          if (!guard.feed(piece)) this.#refuse();
          if (parser.destroyed) return;
          if (!parser.write(piece)) await drained(parser);
        }
      }
      parser.end();
    } catch (error) {
      parser.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async *#contentOf(stream: Readable, parser: PartParser): AsyncGenerator<Uint8Array> {
    try {
      yield* pull<Buffer>(stream, parser);
    } catch (error) {
      this.#isInterrupted = true;
      throw error;
    }
  }

  #refuse(): never {
    const detail = `more than ${parseLimits.bodyLinesMax} lines`;
    this.#failure ??= { code: "body-lines-too-many", detail };
    throw new Error(detail);
  }

  #fail(error: unknown): void {
    this.#failure ??= this.tree.violation ?? describeFailure(error);
  }
}

const drained = (parser: PartParser) =>
  new Promise<void>((resolve) => {
    const settle = () => {
      parser.off("drain", settle).off("close", settle);
      resolve();
    };
    parser.on("drain", settle).on("close", settle);
  });

/**
 * What a stream of the parser's gives, at a third of what its own iterator costs. It ends with the stream, and throws where
 * that fails or the parser stops, whose failures mailparser keeps from it.
 */
async function* pull<Piece>(stream: Readable, parser: PartParser): AsyncGenerator<Piece> {
  let wake = () => {};
  const look = () => wake();
  stream.on("readable", look).on("end", look).on("error", look).on("close", look);
  if (stream !== parser) parser.on("close", look);
  try {
    for (;;) {
      const piece: Piece | null = stream.read();
      if (piece !== null) yield piece;
      else if (stream.readableEnded) return;
      else if (stream.destroyed || parser.destroyed)
        throw stream.errored ?? new Error("the MIME reader stopped");
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    parser.off("close", look);
  }
}

/** mailsplit has one error for its bounds, and says which in words alone. */
function describeFailure(error: unknown): ParseWarning {
  const detail = error instanceof Error ? error.message : String(error);
  if (/max.*header/i.test(detail)) return { code: "part-header-too-large", detail };
  return { code: /max.*nodes/i.test(detail) ? "parts-too-many" : "mime-unreadable", detail };
}

const isPlainBody = (entity: Entity) => isBody(entity) && !isEncoded(entity);

type Process = (piece: MimePiece, done: (error?: Error) => void) => void;

/**
 * mailparser keeps text parts whole in memory, and tells nothing of the multiparts around a part. So here no type
 * counts as text, which makes every part a stream, and the tree sees each piece before mailparser works on it. A text
 * that needs no decoding needs no stream either: its bytes are taken here.
 */
class PartParser extends MailParser {
  declare readonly processChunk: Process;

  constructor(tree: MimeTree, texts: TextSink) {
    super({
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipTextLinks: true,
      skipImageLinks: true,
      keepDeliveryStatus: true,
      ignoreEmbedded: true,
      checksumAlgo: false,
      maxHeadSize: limits.headerBlockMaxBytes,
      // The tree itself refuses the part after the limit; one more leaves it the time to.
      maxChildNodes: limits.mimePartsMax + 2,
    });
    const process = this.processChunk.bind(this);
    const processChunk: Process = (piece, done) => {
      // What is thrown here would be thrown by a timer, and end the process.
      try {
        tree.add(piece);
        if (tree.violation !== null) done(new Error(tree.violation.code));
        else if (isPlainBody(tree.current)) {
          if (piece.type === "node") texts.begin(tree.current);
          else if (piece.type === "body") texts.keep(tree.current, piece.value);
          done();
        } else process(piece, done);
      } catch (cause) {
        done(new Error("mailparser failed", { cause }));
      }
    };
    Object.assign(this, { textTypes: [], processChunk });
  }
}
