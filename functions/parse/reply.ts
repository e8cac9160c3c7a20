import type { Reply } from "../mail/messages.ts";
import { cutPieces, type Piece } from "./reply-pieces.ts";

/**
 * What the sender wrote this time, without the mail that is quoted around it and the signature below it. What stands
 * between two texts of the sender stays with them, since they answer it. Nothing is dropped: each line is in the text,
 * the quote or the signature.
 */
export function parseReply(text: string): Reply {
  const lines = text.split("\n");
  const pieces = cutPieces(lines);
  const own = pieces.filter(({ kind }) => kind === "own");
  const [first] = own;
  const last = own.at(-1);
  // Who wrote nothing sent what is there on purpose, or the signs mislead.
  if (first === undefined || last === undefined)
    return { text: joined([lines]) ?? "", quoted: null, signature: null };
  // One text below a quote answers all of it; several, each what stands above.
  const start = first === last ? first.start : 0;
  const isOutside = (piece: Piece) => piece.start < start || piece.start >= last.end;
  const linesOf = (wanted: Piece["kind"]) =>
    pieces
      .filter((piece) => piece.kind === wanted && isOutside(piece))
      .map((piece) => lines.slice(piece.start, piece.end));
  return {
    text: joined([lines.slice(start, last.end)]) ?? "",
    quoted: joined(linesOf("quote")),
    signature: joined(linesOf("signature")),
  };
}

/** Null where no line says anything. */
function joined(pieces: readonly (readonly string[])[]): string | null {
  const trimmed = pieces.map((lines) => {
    const start = lines.findIndex((line) => line.trim() !== "");
    const end = lines.findLastIndex((line) => line.trim() !== "");
    return start === -1 ? [] : lines.slice(start, end + 1).map((line) => line.trimEnd());
  });
  const text = trimmed
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
  return text === "" ? null : text;
}
