import { limits } from "../mail/limits.ts";
import type { Warning } from "../mail/messages.ts";
import { type Entity, isMultipart } from "./entity.ts";
import { parseLimits } from "./parse-limits.ts";

/** What is used of mailsplit's node for one entity. */
export interface MimeNode {
  readonly type: "node";
  readonly parentNode: MimeNode | false;
  readonly contentType: string | false;
  readonly charset: string | false;
  readonly disposition: string | false;
  readonly filename: string | false;
  readonly encoding: string | false;
  readonly flowed: boolean;
  readonly delSp: boolean;
  readonly headers: { lines: readonly HeaderLine[]; getList(): readonly HeaderLine[] };
}

interface HeaderLine {
  readonly key: string;
  /** As sent, with its name, folded, one character a byte. */
  readonly line: string;
}

/** The entities of a message as they come to light, and the bounds on them. */
export class EntityTree {
  /** The first bound that was passed. */
  violation: Warning | null = null;
  readonly #entities = new Map<MimeNode, Entity>();
  #root: Entity | null = null;
  #current: Entity | null = null;
  #partHeaderBytes = 0;
  readonly #unclaimed = new Map<Entity, Buffer[]>();
  #unclaimedRoom = limits.bodyMaxBytes;

  get root(): Entity | null {
    return this.#root;
  }

  /** The latest. */
  get current(): Entity {
    if (this.#current === null) throw new Error("no MIME entity yet");
    return this.#current;
  }

  add(node: MimeNode): void {
    const lines = node.headers.getList();
    if (this.#root !== null) this.#partHeaderBytes += sum(lines.map(({ line }) => line.length));
    // mailparser reads every field it is given, some of them slowly; a part has no use for others than these.
    node.headers.lines = lines.filter(({ key }) => key.startsWith("content-"));
    const parent = (node.parentNode === false ? undefined : this.#entities.get(node.parentNode)) ?? null;
    const entity = createEntity(node, parent);
    parent?.children.push(entity);
    this.#entities.set(node, entity);
    this.#root ??= entity;
    this.#current = entity;
    this.violation ??= this.#judge(entity);
  }

  /** What stands in a multipart before its first part: of no meaning (RFC 2046 §5.1.1), unless there is no part. */
  addUnclaimed(node: MimeNode | undefined, bytes: Buffer | false | undefined): void {
    const entity = node === undefined ? undefined : this.#entities.get(node);
    if (entity === undefined || !bytes || !isMultipart(entity) || entity.children.length > 0) return;
    const kept = bytes.subarray(0, this.#unclaimedRoom);
    this.#unclaimedRoom -= kept.length;
    this.#unclaimed.set(entity, [...(this.#unclaimed.get(entity) ?? []), kept]);
  }

  /** The multiparts without a part, with what stands in them. */
  *childless(): Generator<[entity: Entity, bytes: Buffer]> {
    for (const entity of this.#entities.values()) {
      if (isMultipart(entity) && entity.children.length === 0) {
        yield [entity, Buffer.concat(this.#unclaimed.get(entity) ?? [])];
      }
    }
  }

  #judge({ depth }: Entity): Warning | null {
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
  const fields = new Map(node.headers.getList().map(({ key, line }) => [key, line.slice(line.indexOf(":") + 1)]));
  // A digest's parts are messages where they do not say otherwise (RFC 2046 §5.1.5).
  const isDigested = parent?.contentType === "multipart/digest" && !fields.has("content-type");
  return {
    parent,
    index: parent?.children.length ?? 0,
    depth: parent === null ? 0 : parent.depth + 1,
    children: [],
    contentType: isDigested ? "message/rfc822" : node.contentType || "text/plain",
    charset: node.charset || null,
    disposition: node.disposition || null,
    filename: node.filename || null,
    contentId: fields.get("content-id")?.replace(/[<>\s]/g, "") || null,
    transferEncoding: node.encoding || "",
    isFlowed: node.flowed,
    deletesSpaces: node.delSp,
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
