/** The words of a bounce that has no report part, and the message it brings back, as text, below them. */
export interface ReportText {
  readonly report: string;
  /** The header of the returned message and what follows; empty where there is none. */
  readonly returned: string;
}

/** No report is longer; what is, is the returned message. */
const reportMaxLength = 16 * 1024;
/** The report's end is looked for in so many lines. */
const linesMax = 1000;

const originField = /^(?:received|return-path|message-id|from|to|date|subject|mime-version|dkim-signature)$/;

/**
 * Parts the report from the message it returns, whose header shows by its fields: three of those that every message
 * has, in lines that follow each other. That holds in every language, and for every program's way to announce it.
 */
export function splitReport(text: string): ReportText {
  const lines = text.slice(0, 4 * reportMaxLength).split("\n", linesMax);
  for (let start = 0; start < lines.length; ) {
    const end = endOfFields(lines, start);
    if (isHeader(lines.slice(start, end))) {
      const report = withoutAnnouncement(lines.slice(0, start)).join("\n");
      return { report: report.slice(0, reportMaxLength), returned: lines.slice(start).join("\n") };
    }
    start = Math.max(end, start + 1);
  }
  return { report: text.slice(0, reportMaxLength), returned: "" };
}

/** A line of its own before the returned message says that it follows. */
function withoutAnnouncement(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return (lines[last - 1] ?? "x").trim() === "" ? lines.slice(0, last) : lines;
}

const nameOf = (line: string) => /^([A-Za-z][\w-]{0,40}):/.exec(line)?.[1]?.toLowerCase() ?? null;

/** The first line behind the fields, and their continuations, that begin at `start`. */
function endOfFields(lines: readonly string[], start: number): number {
  let end = start;
  while (end < lines.length) {
    const line = lines[end] ?? "";
    const isContinuation = end > start && /^[ \t]+\S/.test(line);
    if (!isContinuation && nameOf(line) === null) break;
    end += 1;
  }
  return end;
}

function isHeader(lines: readonly string[]): boolean {
  const names = new Set(lines.map(nameOf).filter((name) => name !== null && originField.test(name)));
  const isOrigin =
    names.has("received") || names.has("message-id") || (names.has("from") && names.has("date"));
  return names.size >= 3 && isOrigin;
}
