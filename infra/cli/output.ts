/** Text for a terminal. Mail is hostile: nothing that a sender wrote may steer it. */
export const printable = (text: string) =>
  text.replace(
    /[^\P{C}\n\t]|[\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

/** Columns, each as wide as its widest cell, the last one as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replace(/\s+/g, " ")));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.min(40, Math.max(...cells.map((row) => row[column]?.length ?? 0))),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cut(cell, widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const cut = (cell: string, width: number) =>
  cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);

const barWidth = 30;

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells how far work of many steps is, on a terminal alone: files, pipes and scripts see nothing of it. */
export function showProgress(
  total: number,
  { to, isJson }: { readonly to: Terminal; readonly isJson: boolean },
) {
  const isWatched = to.isTTY === true && !isJson && total > 1;
  return (done: number) => {
    if (isWatched) to.write(progressBar(done, total));
  };
}

/** One line, written over itself until all is done. There may be more in the end than there were in the beginning. */
function progressBar(done: number, expected: number): string {
  const total = Math.max(done, expected);
  const filled = Math.floor((done / total) * barWidth);
  const bar = `${"#".repeat(filled)}${".".repeat(barWidth - filled)}`;
  return `\r[${bar}] ${done} of ${total}${done === total ? "\n" : ""}`;
}
