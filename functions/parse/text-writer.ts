/** Quotes deeper than this show as this deep, so that nesting cannot multiply the text. */
const quoteDepthMax = 8;

/** Lays text out in lines: white space collapsed, blocks apart, quotes marked with `>` (RFC 3676 §4.5). */
export class TextWriter {
  quoteDepth = 0;
  preDepth = 0;
  readonly #lines: string[] = [];
  /** The line that is being written, and its quote depth as it began. */
  #pieces: string[] = [];
  #lineDepth = 0;
  /** White space is due before the next word. */
  #hasSpace = false;
  /** A blank line is due before the next line. */
  #isApart = false;

  text(text: string): void {
    if (this.preDepth > 0) this.#preformatted(text);
    else this.#flowing(text);
  }

  breakLine(): void {
    if (this.#pieces.length === 0) this.#isApart = this.#lines.length > 0;
    this.breakBlock();
  }

  breakBlock(): void {
    if (this.#pieces.length > 0) {
      const prefix = "> ".repeat(this.#lineDepth);
      this.#lines.push((prefix + this.#pieces.join("")).trimEnd());
    }
    this.#pieces = [];
    this.#hasSpace = false;
  }

  breakParagraph(): void {
    this.breakBlock();
    this.#isApart = this.#lines.length > 0;
  }

  end(): string {
    this.breakBlock();
    return this.#lines.join("\n").replaceAll("\u{a0}", " ");
  }

  #preformatted(text: string): void {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (index > 0) this.breakLine();
      if (line !== "") this.#write(line);
    }
  }

  #flowing(text: string): void {
    const collapsed = text.replace(/[ \t\r\n\f]+/g, " ");
    const start = collapsed.startsWith(" ") ? 1 : 0;
    const end = collapsed.endsWith(" ") ? -1 : undefined;
    if (start > 0) this.#hasSpace = this.#pieces.length > 0;
    const words = collapsed.slice(start, end);
    if (words === "") return;
    this.#write(words);
    this.#hasSpace = end !== undefined;
  }

  #write(piece: string): void {
    if (this.#pieces.length === 0) this.#beginLine();
    if (this.#hasSpace) this.#pieces.push(" ");
    this.#hasSpace = false;
    this.#pieces.push(piece);
  }

  #beginLine(): void {
    const depth = Math.min(this.quoteDepth, quoteDepthMax);
    if (this.#isApart) this.#lines.push("> ".repeat(Math.min(this.#lineDepth, depth)).trimEnd());
    this.#lineDepth = depth;
    this.#isApart = false;
  }
}
