/**
 * The glob that routes are written in: `*` stands for any text, `{name}` for text that is not empty and is handed on,
 * `\` takes the meaning from the character after it. Each wildcard takes as little as it can. Own and linear, since
 * regular expressions over hostile input are not.
 */
export interface Pattern {
  /** The plain text around the wildcards, one more than they are; none but the first and the last is empty. */
  readonly literals: readonly string[];
  /** A capture's name; null is `*`. */
  readonly wildcards: readonly (string | null)[];
}

export type Parsed<Kind> =
  | { readonly kind: "pattern"; readonly pattern: Kind }
  /** What would be right, for the one who wrote it. */
  | { readonly kind: "problem"; readonly problem: string };

/** From `start` up to but without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What matching reads of a string, so that a test can count the reads. */
export type CodeUnits = Pick<string, "length" | "charCodeAt">;

/**
 * Lower case, one code unit for one, so that a span of the folded text is the same span of the text: İ alone would
 * grow, and what Σ becomes depends on the letters around it.
 */
export const foldCase = (text: string) => text.replaceAll("İ", "i").toLowerCase().replaceAll("ς", "σ");

/** Reads a pattern; its plain text is case-folded, as the value must be. */
export function parsePattern(text: string): Parsed<Pattern> {
  const literals: string[] = [];
  const wildcards: (string | null)[] = [];
  let literal = "";
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === "\\") {
      index++;
      if (index === text.length)
        return problem("ends in a \\ with nothing behind it; write \\\\ for a backslash");
      literal += text.charAt(index);
    } else if (character === "}") {
      return problem("has a } with no { before it; write \\} for a brace");
    } else if (character === "*" || character === "{") {
      if (literal === "" && wildcards.length > 0) {
        return problem("has two wildcards side by side; put text between them, or write \\* for an asterisk");
      }
      const wildcard = character === "*" ? { name: null, end: index } : readCapture(text, index);
      if ("problem" in wildcard) return problem(wildcard.problem);
      if (wildcard.name !== null && wildcards.includes(wildcard.name)) {
        return problem(`captures {${wildcard.name}} twice; give each capture its own name`);
      }
      literals.push(foldCase(literal));
      wildcards.push(wildcard.name);
      literal = "";
      index = wildcard.end;
    } else {
      literal += character;
    }
  }
  return { kind: "pattern", pattern: { literals: [...literals, foldCase(literal)], wildcards } };
}

/**
 * What each wildcard stands for in a case-folded value; null where the pattern does not match. The leftmost place of
 * each literal is the best one: whatever matches behind a later place also matches behind it.
 */
export function matchPattern({ literals, wildcards }: Pattern, value: CodeUnits): readonly Span[] | null {
  const [prefix = ""] = literals;
  const suffix = literals.at(-1) ?? "";
  if (wildcards.length === 0) return value.length === prefix.length && standsAt(prefix, value, 0) ? [] : null;
  const end = value.length - suffix.length;
  if (end < prefix.length || !standsAt(suffix, value, end) || !standsAt(prefix, value, 0)) return null;
  const spans: Span[] = [];
  let start = prefix.length;
  for (const [index, name] of wildcards.entries()) {
    const leastEnd = start + (name === null ? 0 : 1);
    const literal = literals[index + 1] ?? "";
    const isLast = index === wildcards.length - 1;
    const spanEnd = isLast ? end : find(literal, value, { start: leastEnd, end });
    if (spanEnd < leastEnd) return null;
    spans.push({ start, end: spanEnd });
    start = spanEnd + literal.length;
  }
  return spans;
}

const problem = (text: string) => ({ kind: "problem", problem: text }) as const;

/** `__proto__` is no name: a capture becomes a key of an object. */
const captureName = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;

function readCapture(text: string, start: number) {
  const end = text.indexOf("}", start);
  if (end < 0)
    return { problem: "has a { with no } after it; write {ticket} for a capture, or \\{ for a brace" };
  const name = text.slice(start + 1, end);
  if (captureName.test(name)) return { name, end };
  return { problem: `has a bad capture {${name}}; write a letter, then up to 31 letters, digits and _` };
}

function standsAt(literal: string, value: CodeUnits, start: number): boolean {
  for (let index = 0; index < literal.length; index++) {
    if (literal.charCodeAt(index) !== value.charCodeAt(start + index)) return false;
  }
  return true;
}

/** The first place of the literal within the span; -1 where there is none. Knuth, Morris and Pratt: linear. */
function find(literal: string, value: CodeUnits, { start, end }: Span): number {
  const borders = bordersOf(literal);
  let matched = 0;
  for (let index = start; index < end; index++) {
    while (matched > 0 && literal.charCodeAt(matched) !== value.charCodeAt(index)) {
      matched = borders[matched - 1] ?? 0;
    }
    if (literal.charCodeAt(matched) === value.charCodeAt(index)) matched++;
    if (matched === literal.length) return index + 1 - matched;
  }
  return -1;
}

/** For each prefix of the literal, how long its longest proper prefix is that is also its suffix. */
function bordersOf(literal: string): readonly number[] {
  const borders = [0];
  let matched = 0;
  for (let index = 1; index < literal.length; index++) {
    while (matched > 0 && literal.charCodeAt(matched) !== literal.charCodeAt(index)) {
      matched = borders[matched - 1] ?? 0;
    }
    if (literal.charCodeAt(matched) === literal.charCodeAt(index)) matched++;
    borders.push(matched);
  }
  return borders;
}
