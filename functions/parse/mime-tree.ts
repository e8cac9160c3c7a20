import { limits } from "../mail/limits.ts";
import { type Entity, isMultipart } from "./entity.ts";
import { parseLimits } from "./parse-limits.ts";
import type { ParseWarning } from "./warnings.ts";

/** What is used of the pieces that mailsplit cuts a message into: one for each header, and those between them. */
export type MimePiece = MimeNode | MimeBytes;

interface MimeNode {
  readonly type: "node";
  readonly parentNode: MimeNode | false;
  readonly contentType: string | false;
  readonly charset: string | false;
  readonly disposition: string | false;
  readonly filename: string | false;
  encoding: string | false;
  readonly flowed: boolean;
  readonly delSp: boolean;
  readonly headers: { lines: readonly HeaderLine[] | false; getList(): readonly HeaderLine[] };
}

interface MimeBytes {
  /** `body` is a part's, `data` all else. */
  readonly type: "body" | "data";
  readonly node: MimeNode;
  readonly value: Buffer;
}

interface HeaderLine {
  readonly key: string;
  /** As sent, with its name, folded, one character a byte. */
  readonly line: string;
}

/** The entities of a message as they come to light, and the bounds on them. */
export class MimeTree {
  /** The first bound that was passed. */
  violation: ParseWarning | null = null;
  readonly #entities = new Map<MimeNode, Entity>();
  #root: Entity | null = null;
  #current: Entity | null = null;
  #partHeaderBytes = 0;
  readonly #unclaimed = new Map<Entity, Buffer[]>();
  /** One byte more than the text may have, so that its reader sees the cut. */
  #unclaimedRoom = limits.bodyMaxBytes + 1;

  get root(): Entity | null {
    return this.#root;
  }

  /** The latest. */
  get current(): Entity {
    if (this.#current === null) throw new Error("no MIME entity yet");
    return this.#current;
  }

  add(piece: MimePiece): void {
    if (piece.type === "node") this.#addEntity(piece);
    else if (piece.type === "data") this.#addUnclaimed(piece);
  }

  /** The multiparts without a part, with what stands in them. */
  *childless(): Generator<[entity: Entity, bytes: Buffer]> {
    for (const entity of this.#entities.values()) {
      if (isMultipart(entity) && entity.children.length === 0) {
        yield [entity, Buffer.concat(this.#unclaimed.get(entity) ?? [])];
      }
    }
  }

  #addEntity(node: MimeNode): void {
    const lines = node.headers.getList();
    if (this.#root !== null) this.#partHeaderBytes += sum(lines.map(({ line }) => line.length));
    // mailparser reads every field it is given, some of them slowly; a part has no use for others than these.
    node.headers.lines = lines.filter(({ key }) => key.startsWith("content-"));
    node.encoding = normaliseEncoding(node.encoding || "");
    const parent = (node.parentNode === false ? undefined : this.#entities.get(node.parentNode)) ?? null;
    const entity = createEntity(node, parent);
    if (parent !== null) this.#claim(parent, entity);
    this.#entities.set(node, entity);
    this.#root ??= entity;
    this.#current = entity;
    this.violation ??= this.#judge(entity);
  }

  #claim(parent: Entity, child: Entity): void {
    parent.children.push(child);
    this.#unclaimedRoom += sum((this.#unclaimed.get(parent) ?? []).map(({ length }) => length));
    this.#unclaimed.delete(parent);
  }

  /** What stands in a multipart before its first part: of no meaning (RFC 2046 §5.1.1), unless there is no part. */
  #addUnclaimed({ node, value }: MimeBytes): void {
    const entity = this.#entities.get(node);
    if (entity === undefined || !isMultipart(entity) || entity.children.length > 0) return;
    const kept = Buffer.from(value.subarray(0, this.#unclaimedRoom));
    if (kept.length === 0) return;
    this.#unclaimedRoom -= kept.length;
    const chunks = this.#unclaimed.get(entity);
    if (chunks === undefined) this.#unclaimed.set(entity, [kept]);
    else chunks.push(kept);
  }

  #judge({ depth }: Entity): ParseWarning | null {
    const partCount = this.#entities.size - 1;
    if (depth > limits.mimeDepthMax) {
      return { code: "depth-too-deep", detail: `more than ${limits.mimeDepthMax} levels` };
    }
    if (partCount > limits.mimePartsMax) {
      return { code: "parts-too-many", detail: `more than ${limits.mimePartsMax} parts` };
    }
    if (this.#partHeaderBytes > parseLimits.partHeadersMaxBytes) {
      const detail = `more than ${parseLimits.partHeadersMaxBytes} bytes in all part headers`;
      return { code: "part-header-too-large", detail };
    }
    return null;
  }
}

function createEntity(node: MimeNode, parent: Entity | null): Entity {
  const lines = node.headers.getList();
  const contentId = lines.find(({ key }) => key === "content-id")?.line.replace(/^[^:]*:|[<>\s]/g, "");
  // A digest's parts are messages where they do not say otherwise (RFC 2046 §5.1.5).
  const isDigested =
    parent?.contentType === "multipart/digest" && !lines.some(({ key }) => key === "content-type");
  return {
    parent,
    index: parent?.children.length ?? 0,
    depth: parent === null ? 0 : parent.depth + 1,
    children: [],
    contentType: isDigested ? "message/rfc822" : node.contentType || "text/plain",
    charset: node.charset || null,
    disposition: node.disposition || null,
    filename: node.filename || null,
    contentId: contentId || null,
    transferEncoding: node.encoding || "",
    isFlowed: node.flowed,
    deletesSpaces: node.delSp,
  };
}

/** What is met in place of the five names of RFC 2045 §6.1. */
function normaliseEncoding(written: string): string {
  const encoding = written.replace(/[\s;,]+$/, "");
  if (/^(?:quoted[\s_]?printable|qp)$/.test(encoding)) return "quoted-printable";
  if (/^(?:x-base64|base-64|b64)$/.test(encoding)) return "base64";
  return encoding.replace(/^([78])[\s-]?bits?$/, "$1bit");
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
