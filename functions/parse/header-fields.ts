import { decodeWords } from "./encoded-words.ts";
import type { Warn } from "./warnings.ts";

export interface HeaderField {
  /** As sent. */
  readonly name: string;
  /** Unfolded, one character a byte: for the fields that have a grammar of their own. */
  readonly raw: string;
  /** For people: encoded words decoded, no line ends, no NUL. */
  readonly value: string;
}

/** The fields of one header block, in order; by name in any case. */
export class HeaderFields {
  readonly all: readonly HeaderField[];
  readonly #byName: ReadonlyMap<string, readonly HeaderField[]>;

  constructor(fields: readonly HeaderField[]) {
    this.all = fields;
    this.#byName = Map.groupBy(fields, ({ name }) => name.toLowerCase());
  }

  list(name: string): readonly HeaderField[] {
    return this.#byName.get(name) ?? [];
  }

  first(name: string): HeaderField | null {
    return this.list(name)[0] ?? null;
  }
}

/** Printable ASCII without the colon (RFC 5322 §3.6.8). */
const fieldName = /^[!-9;-~]+$/;

/**
 * Reads a header block. Lines that are no field are left out with a warning; a block without a single field is no
 * header at all, which its caller may take for the body.
 */
export function parseHeaderFields(block: Buffer, warn: Warn): HeaderFields {
  const fields: HeaderField[] = [];
  const malformed: string[] = [];
  for (const lines of logicalLines(block.toString("latin1"))) {
    const [first = ""] = lines;
    const colon = first.indexOf(":");
    const name = first.slice(0, Math.max(colon, 0)).trimEnd();
    if (fieldName.test(name))
      fields.push(createField(name, [first.slice(colon + 1), ...lines.slice(1)], warn));
    else if (!/^>?From /.test(first)) malformed.push(first);
  }
  const isHeader = fields.length > 0;
  if (!isHeader) warn("header-missing", malformed[0] ?? "the message begins with a blank line");
  else if (malformed.length > 0)
    warn("header-line-malformed", `${malformed.length}, the first: ${malformed[0]}`);
  return new HeaderFields(fields);
}

/** Each with the lines that continue it (RFC 5322 §2.2.3). */
function* logicalLines(text: string): Generator<string[]> {
  let lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^[ \t]/.test(line) && lines.length > 0) {
      lines.push(line);
    } else {
      if (lines.length > 0) yield lines;
      lines = line === "" ? [] : [line];
    }
  }
  if (lines.length > 0) yield lines;
}

function createField(name: string, lines: readonly string[], warn: Warn): HeaderField {
  const raw = lines.join("").trim();
  // An encoded word can hold a line end, which would become a header of its own wherever the value is written again.
  const value = decodeWords(raw, warn)
    .replaceAll("\0", "")
    .replace(/[\r\n]+/g, " ");
  return { name, raw, value };
}
