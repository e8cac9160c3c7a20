import { type AttributionRole, attributionAt, attributionRole } from "./reply-attribution.ts";
import { announcesOriginal, isFooter, roleOf } from "./reply-wording.ts";

/** A run of lines of one hand: the sender's own, what is quoted, or a signature. */
export interface Piece {
  readonly kind: "own" | "quote" | "signature";
  /** The first line, and the one behind the last. */
  readonly start: number;
  readonly end: number;
}

const headerLinesMax = 12;
const blankLinesMax = 3;
const signatureLinesMax = 20;
/** Below a delimiter that others use too. */
const oddSignatureLinesMax = 8;
/** A quoted line of this length that a program broke goes on below without its mark. */
const wrappedMinLength = 60;

/** Cuts the lines of a mail into pieces, looking at each line a bounded number of times. */
export function cutPieces(lines: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  const roles = lines.map(attributionRole);
  let start = 0;
  for (let at = 0; at < lines.length; ) {
    const end = endOfQuote(lines, roles, at);
    if (end !== null) {
      const quoteStart = startOfRule(lines, { start, end: at });
      pieces.push(...cutSignature(lines, { start, end: quoteStart }));
      pieces.push({ kind: "quote", start: quoteStart, end });
      start = end;
    }
    at = end ?? at + 1;
  }
  return [...pieces, ...cutSignature(lines, { start, end: lines.length })];
}

type Span = Pick<Piece, "start" | "end">;

const isBlank = (line: string | undefined) => line === undefined || /^[\s>]*$/.test(line);

const isMarked = (line: string | undefined) => line !== undefined && /^[ \t]{0,3}>/.test(line);

/** The line behind the quote that begins at `at`, attribution and all; null where none does. */
function endOfQuote(lines: readonly string[], roles: readonly AttributionRole[], at: number): number | null {
  const line = lines[at] ?? "";
  if (isMarked(line)) return endOfMarked(lines, at);
  if (announcesOriginal(line) || isHeader(lines, at)) return lines.length;
  const attribution = attributionAt(lines, roles, at);
  if (attribution === null) return null;
  const next = skipBlank(lines, attribution.end);
  if (isMarked(lines[next])) return endOfMarked(lines, next);
  return attribution.isCertain ? lines.length : null;
}

function endOfMarked(lines: readonly string[], start: number): number {
  let end = start;
  while (end < lines.length) {
    const next = isMarked(lines[end]) ? end + 1 : skipBlank(lines, end);
    const isWrapped =
      next === end && (lines[end - 1] ?? "").length >= wrappedMinLength && isMarked(lines[end + 1]);
    if (isMarked(lines[end]) || isMarked(lines[next])) end = next;
    else if (isWrapped) end += 1;
    else break;
  }
  return end;
}

function skipBlank(lines: readonly string[], start: number): number {
  let at = start;
  while (at < start + blankLinesMax && at < lines.length && (lines[at] ?? "").trim() === "") at += 1;
  return at;
}

/**
 * A header as programs write it above the message they quote: three of its fields. Whoever writes such a list himself
 * has no address in it, and no "Sent".
 */
function isHeader(lines: readonly string[], start: number): boolean {
  const first = roleOf(lines[start] ?? "");
  if (first === null || first === "to" || first === "copy") return false;
  const roles = new Set<string>();
  let hasAddress = false;
  let others = 0;
  for (const line of lines.slice(start, start + headerLinesMax)) {
    const role = roleOf(line);
    others = role === null ? others + 1 : 0;
    if (line.trim() === "" || others > 2) break;
    if (role !== null) roles.add(role);
    hasAddress ||= line.includes("@");
  }
  return roles.size >= 3 && (hasAddress || roles.has("sent"));
}

/** The rules that programs draw above a quote belong to it. */
function startOfRule(lines: readonly string[], { start, end }: Span): number {
  let at = end;
  while (at > start && /^\s*(?:[-_=*~—]{2,}\s*)?$/.test(lines[at - 1] ?? "")) at -= 1;
  const rule = lines.slice(at, end).findIndex((line) => line.trim() !== "");
  return rule === -1 ? end : at + rule;
}

/** The signature that ends the sender's text (RFC 3676 §4.3), and what phones put there. */
function cutSignature(lines: readonly string[], { start, end }: Span): Piece[] {
  const window = Math.max(start, end - 3 * signatureLinesMax);
  const index = lines
    .slice(window, end)
    .findIndex((_, offset) => isDelimiter(lines, { start: window + offset, end }));
  const delimiter = index === -1 ? end : window + index;
  const signature = startOfFooter(lines, { start, end: delimiter });
  const pieces: Piece[] = [
    { kind: "own", start, end: signature },
    { kind: "signature", start: signature, end },
  ];
  return pieces.filter((piece) => lines.slice(piece.start, piece.end).some((line) => !isBlank(line)));
}

function isDelimiter(lines: readonly string[], { start, end }: Span): boolean {
  const [, dashes, odd] = /^\s*(?:(--)|([—–―]{1,6}|_{2,}))\s*$/.exec(lines[start] ?? "") ?? [];
  if (dashes === undefined && odd === undefined) return false;
  const below = lines.slice(start + 1, end).filter((line) => !isBlank(line));
  if (dashes !== undefined) return below.length <= signatureLinesMax;
  // Lists put an address or a link below their rule, and writers a text.
  const isContact = odd?.startsWith("_") !== true || below.some((line) => /@|:\/\//.test(line));
  return below.length <= oddSignatureLinesMax && isContact;
}

function startOfFooter(lines: readonly string[], { start, end }: Span): number {
  let at = end;
  for (let line = end - 1; line >= start && line >= end - signatureLinesMax; line -= 1) {
    const text = (lines[line] ?? "").trim();
    if (isFooter(text)) at = line;
    else if (text !== "") break;
  }
  return at;
}
