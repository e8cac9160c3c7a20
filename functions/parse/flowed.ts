/**
 * Joins the lines of `format=flowed` text (RFC 3676) into the paragraphs they were: a line that ends in a space goes
 * on in the next one of the same quote depth. `deletesSpaces` (DelSp) says that this space was added too.
 */
export function unflow(text: string, deletesSpaces: boolean): string {
  const lines: string[] = [];
  let paragraph: string[] = [];
  let depth = 0;
  for (const line of text.split("\n")) {
    const quote = /^>*/.exec(line)?.[0].length ?? 0;
    const content = line.slice(quote).replace(/^ /, "");
    const isSignature = content === "-- ";
    if (paragraph.length > 0 && (quote !== depth || isSignature)) {
      lines.push(marked(paragraph, depth));
      paragraph = [];
    }
    depth = quote;
    const isFlowing = content.endsWith(" ") && !isSignature;
    paragraph.push(isFlowing && deletesSpaces ? content.slice(0, -1) : content);
    if (isFlowing) continue;
    lines.push(marked(paragraph, depth));
    paragraph = [];
  }
  if (paragraph.length > 0) lines.push(marked(paragraph, depth));
  return lines.join("\n");
}

function marked(paragraph: readonly string[], depth: number): string {
  return (depth === 0 ? "" : `${">".repeat(depth)} `) + paragraph.join("");
}
