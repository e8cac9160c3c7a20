import { saysWrote, saysYouWrote } from "./reply-wording.ts";

/** "On 2 Jan 2026, at 03:04, Ada <ada@client.test> wrote:", which programs break over several lines. */
interface Attribution {
  /** The line behind it. */
  readonly end: number;
  /** It needs no quote marks below it to be one. */
  readonly isCertain: boolean;
}

const attributionLinesMax = 4;
const attributionMaxLength = 400;

const address = /[^\s<>()"]{1,64}@[^\s<>()"]{1,255}/g;
/** What the last line of an attribution ends in, marks aside. */
const ending = /(?:[:：]|wrote)[-—*_\s]*$/i;
const fullDate = /(?:19|20)\d\d|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}/;
const time = /\d{1,2}[:.h]\d\d/;

/** What a line can be in an attribution: none of it, its last, or one before that. */
export type AttributionRole = "outside" | "last" | "inside";

export function attributionRole(line: string): AttributionRole {
  // A mark may be the closing bracket of an address that was broken.
  if (line.trim() === "" || (/^\s*>/.test(line) && !/^>+\s*[:：]\s*$/.test(line))) return "outside";
  return ending.test(line) ? "last" : "inside";
}

/** The attribution that begins at a line; null where none does, or where a later line begins it. */
export function attributionAt(
  lines: readonly string[],
  roles: readonly AttributionRole[],
  at: number,
): Attribution | null {
  for (let end = at + 1; end <= at + attributionLinesMax && end <= lines.length; end += 1) {
    const role = roles[end - 1];
    if (role === "outside") return null;
    if (role !== "last") continue;
    const grade = judgeAttribution(lines.slice(at, end));
    if (grade === "none") continue;
    const later = lines
      .slice(at + 1, end)
      .map((_, index) => judgeAttribution(lines.slice(at + 1 + index, end)));
    // The line before may only happen to have a number in it.
    const isLater = later.some((other) => other !== "none" && (other !== "likely" || grade === "likely"));
    return isLater ? null : { end, isCertain: grade === "certain" };
  }
  return null;
}

/** `dated` has the day and the year; `certain` says beside them who wrote to whom, as programs do. */
function judgeAttribution(lines: readonly string[]): "none" | "likely" | "dated" | "certain" {
  const written = lines.join(" ").trim();
  if (written.length > attributionMaxLength) return "none";
  const text = written.replace(/^[-—*_ ]+|[-—*_ ]+$/g, "");
  if (!/(?:[:：]|wrote)$/i.test(text)) return "none";
  const withoutAddresses = text.includes("@") ? text.replace(address, "") : text;
  const isWrote = saysWrote(withoutAddresses);
  const isNamed = /[<(]\s*[^<>()\s]{1,64}@[^<>()\s]{1,255}[)>]/.test(text);
  const isNumbered =
    /\d/.test(withoutAddresses.slice(0, 60)) && /\d/.test(lines[0]?.replace(address, "") ?? "");
  if (!isNumbered || !(isWrote || isNamed)) return "none";
  if (!fullDate.test(withoutAddresses)) return "likely";
  const isCertain = isNamed || saysYouWrote(text) || (isWrote && time.test(withoutAddresses));
  return isCertain ? "certain" : "dated";
}
