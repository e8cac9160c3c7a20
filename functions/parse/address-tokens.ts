import { readWord } from "./encoded-words.ts";

/** What an address field is made of (RFC 5322 §3.4), with the mistakes that are met. */
export type AddressToken =
  | { readonly kind: "word"; readonly text: string; readonly isQuoted: boolean; readonly isGlued: boolean }
  | { readonly kind: "angle"; readonly text: string }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "," | ";" | ":" };

/** `isGlued`: no white space stands before the word. A quote that is not closed is none, and is looked for once. */
export function* addressTokens(raw: string): Generator<AddressToken> {
  const lastWordEnd = raw.lastIndexOf("?=");
  let hasQuotes = true;
  let isGlued = false;
  for (let at = 0; at < raw.length; ) {
    const isQuote = raw.charAt(at) === '"';
    const read: ReadToken =
      isQuote && !hasQuotes ? nothing(at) : readToken({ raw, lastWordEnd }, at, isGlued);
    if (read.token !== null) yield read.token;
    if (isQuote && read.token === null) hasQuotes = false;
    isGlued = read.token?.kind === "word";
    at = read.end;
  }
}

interface ReadToken {
  readonly token: AddressToken | null;
  readonly end: number;
}

const nothing = (at: number): ReadToken => ({ token: null, end: at + 1 });

interface Field {
  readonly raw: string;
  readonly lastWordEnd: number;
}

function readToken(field: Field, at: number, isGlued: boolean): ReadToken {
  const { raw } = field;
  const char = raw.charAt(at);
  switch (char) {
    case ",":
    case ";":
    case ":":
      return { token: { kind: char }, end: at + 1 };
    case '"': {
      const end = endOfQuote(raw, at + 1);
      if (end === raw.length) return nothing(at);
      return {
        token: { kind: "word", text: withoutEscapes(raw.slice(at + 1, end)), isQuoted: true, isGlued },
        end: end + 1,
      };
    }
    case "(": {
      const end = endOfComment(raw, at + 1);
      return { token: { kind: "comment", text: withoutEscapes(raw.slice(at + 1, end)) }, end: end + 1 };
    }
    case "<": {
      const end = endOfAngle(raw, at + 1);
      return {
        token: { kind: "angle", text: raw.slice(at + 1, end) },
        end: raw.charAt(end) === ">" ? end + 1 : end,
      };
    }
    default: {
      const end = endOfAtom(field, at);
      if (end === at) return nothing(at);
      return { token: { kind: "word", text: raw.slice(at, end), isQuoted: false, isGlued }, end };
    }
  }
}

const withoutEscapes = (text: string) => text.replace(/\\(.)/g, "$1");

function endOfQuote(raw: string, start: number): number {
  let end = start;
  while (end < raw.length && raw.charAt(end) !== '"') end += raw.charAt(end) === "\\" ? 2 : 1;
  return Math.min(end, raw.length);
}

/** Comments nest; one that is not closed runs to the end. */
function endOfComment(raw: string, start: number): number {
  let end = start;
  for (let depth = 1; end < raw.length; end += raw.charAt(end) === "\\" ? 2 : 1) {
    if (raw.charAt(end) === "(") depth += 1;
    if (raw.charAt(end) === ")") depth -= 1;
    if (depth === 0) break;
  }
  return end;
}

/** At `>`, which may also stand in a quoted local part; where there is none, at what begins the next address. */
function endOfAngle(raw: string, start: number): number {
  let isQuoted = false;
  let next = raw.length;
  for (let end = start; end < raw.length; end += raw.charAt(end) === "\\" ? 2 : 1) {
    const char = raw.charAt(end);
    if (!isQuoted && (char === ">" || (char === "<" && end > start)))
      return char === ">" ? end : Math.min(end, next);
    if (char === '"') isQuoted = !isQuoted;
    if (char === "," || char === ";") next = Math.min(next, end);
  }
  return next;
}

/** An atom ends at a special; a domain literal (`[IPv6:…]`) and an encoded word may hold specials. */
function endOfAtom({ raw, lastWordEnd }: Field, start: number): number {
  let end = start;
  while (end < raw.length && !/[\s,;:"()<>]/.test(raw.charAt(end))) {
    const char = raw.charAt(end);
    if (char === "[" && raw.charAt(end - 1) === "@") end = endOfLiteral(raw, end);
    else end = (char === "=" ? readWord(raw, end, lastWordEnd)?.end : undefined) ?? end + 1;
  }
  return end;
}

function endOfLiteral(raw: string, start: number): number {
  const literal = /\[[^\]\s,<>]{0,100}\]/y;
  literal.lastIndex = start;
  return start + (literal.exec(raw)?.[0].length ?? 1);
}
