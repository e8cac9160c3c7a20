import { limits } from "../../../functions/mail/limits.ts";
import { parseLimits } from "../../../functions/parse/parse-limits.ts";
import { field, fill, from, type HostileRow, join, mail, megabyte, typed } from "./pieces.ts";

const { headerBlockMaxBytes } = limits;
const { headerLinesMax } = parseLimits;

const whole = from.length + "X: \r\n\r\n".length;

export const headers: readonly HostileRow[] = [
  ["2,000 header fields", () => mail(fill("X-A: b\r\n", 16_000), "\r\ntext"), true, []],
  [
    "as many header lines as allowed",
    () => mail(fill("A: b\r\n", 6 * (headerLinesMax - 1)), "\r\n"),
    true,
    [],
  ],
  ["one more", () => mail(fill("A: b\r\n", 6 * headerLinesMax), "\r\n"), false, ["header-too-large"]],
  [
    "a header of the greatest size",
    () => mail("X: ", fill("a", headerBlockMaxBytes - whole), "\r\n\r\n"),
    true,
    [],
  ],
  [
    "one of one byte more",
    () => mail("X: ", fill("a", headerBlockMaxBytes - whole + 1), "\r\n\r\n"),
    false,
    ["header-line-malformed", "header-too-large"],
  ],
  ["one header line of 20 MB", () => field("Subject", "a", 20 * megabyte), false, ["header-too-large"]],
  ["a field folded 3,000 times", () => field("Subject", "a\r\n ", 12_000), true, []],
  ["a field that is all folds", () => field("Subject", "\r\n \r\n\t", 10_000), true, []],
  ["a header without an end", () => mail(fill("X: y\r\n", 6000)), true, []],
  [
    "3,900 lines that are no field",
    () => mail(fill("no field\r\n", 39_000), "\r\n"),
    true,
    ["header-line-malformed"],
  ],
  ["a field name of 250 KB", () => mail(fill("a", 250_000), "\r\n\r\n"), true, ["header-line-malformed"]],
  ["NULs in a header", () => field("Subject", "a\0"), true, []],
  ["bare CRs in a header", () => field("Subject", "a\r"), true, []],
  [
    "fields named __proto__ and constructor",
    () => mail("__proto__: a\r\nconstructor: b\r\nContent-__proto__: c\r\ntoString: d\r\n\r\ntext"),
    true,
    [],
  ],
  [
    "an encoded word of 1 MB",
    () => mail("Subject: =?utf-8?Q?", fill("=41", megabyte), "?=\r\n\r\n"),
    false,
    ["header-too-large"],
  ],
  [
    "an encoded word of 250 KB",
    () => mail("Subject: =?utf-8?Q?", fill("=41", 250_000), "?=\r\n\r\n"),
    true,
    [],
  ],
  ["9,000 encoded words", () => field("Subject", "=?utf-8?B?4oKs4oKs?=\r\n ", 80_000), true, []],
  [
    "8,000 encoded words in 8,000 character sets",
    () => mail("Subject:", ...Array.from({ length: 8000 }, (_, i) => ` =?x-${i}?Q?=E4=80?=`), "\r\n\r\n"),
    true,
    ["charset-unknown"],
  ],
  ["36,000 encoded words without an end", () => field("To", "=?x?q?a"), true, []],
  ["125,000 beginnings of encoded words", () => field("Subject", "=?"), true, []],
  [
    "encoded words in one another",
    () => mail("From: ", fill("=?utf-8?Q?", 100_000), fill("?=", 20_000), "\r\n\r\n"),
    true,
    ["field-repeated"],
  ],
  ["60,000 recipients", () => field("To", "a@b,"), true, []],
  ["250,000 commas", () => field("To", ","), true, []],
  ["125,000 groups", () => field("To", "a:"), true, []],
  ["250,000 open brackets", () => field("To", "<"), true, []],
  ["250,000 open comments", () => field("Cc", "("), true, []],
  ["125,000 escaped quotes", () => field("Reply-To", '"\\'), true, []],
  ["80,000 quotes that hold one @ each", () => field("Cc", '"@"'), true, []],
  ["125,000 literals without an end", () => field("Sender", "@["), true, []],
  ["50,000 references", () => field("References", "<a@b>"), true, []],
  ["250,000 beginnings of references", () => field("References", "<"), true, []],
  ["60,000 prefixes of a reply", () => field("Subject", "re: "), true, []],
  ["a date of 250 KB", () => field("Date", " 1"), true, ["date-unreadable"]],
  ["a date of 250,000 brackets", () => field("Date", "("), true, ["date-unreadable"]],
  ["80,000 ways to unsubscribe", () => field("List-Unsubscribe", "<a>"), true, []],
  ["250,000 beginnings of them", () => field("List-Unsubscribe", "<"), true, []],
  ["83,000 automatic keywords", () => field("Auto-Submitted", "auto-"), true, []],
  ["a subject of all signs of a bounce", () => field("Subject", "not delivered ", 250_000), true, []],
  ["20,000 parameters", () => typed(`text/plain${"; a=b".repeat(20_000)}`, "text"), true, []],
  [
    "a parameter in 10,000 pieces",
    () => typed(`text/plain${Array.from({ length: 10_000 }, (_, i) => `; name*${i}*=%41`).join("")}`),
    true,
    [],
  ],
  [
    "a parameter in pieces with gaps and huge numbers",
    () => typed("text/plain; name*0*=utf-8''%; name*9999999999*=a; name*1e9=b; name**=c; *=d; name*=x'y"),
    true,
    [],
  ],
  [
    "parameters named __proto__",
    () => typed("text/plain; __proto__=a; __proto__*0=b; constructor*1*=c; charset=__proto__", "text"),
    true,
    ["charset-unknown"],
  ],
  ["a Content-Type of 250 KB of quotes", () => field("Content-Type", 'a/b; c="\\'), true, []],
  ["a Content-Type of 250 KB of slashes", () => field("Content-Type", "/"), true, []],
  ["100 Content-Type fields", () => mail(fill("Content-Type: text/html\r\n", 2500), "\r\ntext"), true, []],
  ["nothing at all", () => join(), true, ["from-missing", "header-missing"]],
  ["a blank line", () => join("\r\n"), true, ["from-missing", "header-missing"]],
];
