import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "../../functions/mail/limits.ts";
import { ParsedMessage } from "../../functions/mail/messages.ts";
import { parseLimits } from "../../functions/parse/parse-limits.ts";
import type { WarningCode } from "../../functions/parse/warnings.ts";
import { parseData } from "./parse-data.ts";

const from = "From: a@b.test\r\n";
const mail = (...pieces: (string | Buffer)[]) =>
  Buffer.concat(
    [from, ...pieces].map((piece) => (typeof piece === "string" ? Buffer.from(piece, "latin1") : piece)),
  );
const fill = (piece: string, size: number) => Buffer.alloc(size, piece, "latin1");

const multipart = (boundary: string) => `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n`;

/** Multiparts in each other, and a text in the innermost. */
const nested = (depth: number) =>
  mail(
    Array.from({ length: depth }, (_, level) => `${multipart(`b${level}`)}--b${level}\r\n`).join(""),
    "\r\ntext\r\n",
  );

const parts = (count: number, part = "\r\ntext\r\n") =>
  mail(multipart("b"), `--b\r\n${part}`.repeat(count), "--b--\r\n");

const typed = (type: string, ...body: (string | Buffer)[]) => mail(`Content-Type: ${type}\r\n\r\n`, ...body);
const encoded = (encoding: string, body: Buffer) =>
  typed(`application/pdf\r\nContent-Transfer-Encoding: ${encoding}`, body);

const megabyte = 1_000_000;
const { mimeDepthMax, mimePartsMax, headerBlockMaxBytes } = limits;
const { headerLinesMax, bodyLinesMax, partHeadersMaxBytes } = parseLimits;
const bigPart = (field: string, size: number) => `${field}${"a".repeat(size)}\r\n\r\ntext\r\n`;

/** Each comes to a message: parsed where `isParsed`, with these warnings. */
const cases: [sentence: string, data: () => Buffer, isParsed: boolean, codes: WarningCode[]][] = [
  ["MIME of the greatest depth", () => nested(mimeDepthMax), true, []],
  ["one level more", () => nested(mimeDepthMax + 1), false, ["depth-too-deep"]],
  ["10,000 levels", () => nested(10_000), false, ["parts-too-many"]],
  ["as many parts as allowed", () => parts(mimePartsMax), true, []],
  ["one part more", () => parts(mimePartsMax + 1), false, ["parts-too-many"]],
  ["10,000 parts", () => parts(10_000), false, ["parts-too-many"]],
  ["10,000 boundaries without a part", () => parts(10_000, ""), false, ["parts-too-many"]],
  ["2,000 header fields", () => mail("X-A: b\r\n".repeat(2000), "\r\ntext"), true, []],
  [
    "too many header lines",
    () => mail("X-A: b\r\n".repeat(headerLinesMax), "\r\ntext"),
    false,
    ["header-too-large"],
  ],
  [
    "one header line of 1 MB",
    () => mail("Subject: ", fill("a", megabyte), "\r\n\r\n"),
    false,
    ["header-too-large"],
  ],
  ["a field folded 3,000 times", () => mail("Subject: a", "\r\n b".repeat(3000), "\r\n\r\ntext"), true, []],
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
  ["36,000 encoded words without an end", () => mail("To: ", fill("=?x?q?a", 250_000), "\r\n\r\n"), true, []],
  ["60,000 recipients", () => mail("To: ", fill("a@b,", 240_000), "\r\n\r\n"), true, []],
  ["250,000 open brackets", () => mail("To: ", fill("<", 250_000), "\r\n\r\n"), true, []],
  ["250,000 open comments", () => mail("Cc: ", fill("(", 250_000), "\r\n\r\n"), true, []],
  ["125,000 escaped quotes", () => mail("Reply-To: ", fill('"\\', 250_000), "\r\n\r\n"), true, []],
  ["50,000 references", () => mail("References: ", fill("<a@b>", 250_000), "\r\n\r\n"), true, []],
  ["60,000 prefixes of a reply", () => mail("Subject: ", fill("re: ", 250_000), "\r\n\r\n"), true, []],
  ["a date of 250 KB", () => mail("Date: ", fill(" 1", 250_000), "\r\n\r\n"), true, ["date-unreadable"]],
  ["20,000 parameters", () => typed(`text/plain${"; a=b".repeat(40_000)}`, "text"), true, []],
  [
    "a parameter in 10,000 pieces",
    () => typed(`text/plain${Array.from({ length: 10_000 }, (_, i) => `; name*${i}*=%41`).join("")}`),
    true,
    [],
  ],
  [
    "a part's header at the limit",
    () => parts(1, bigPart("Content-X: ", headerBlockMaxBytes - 80)),
    true,
    [],
  ],
  [
    "a part's header past it",
    () => parts(1, bigPart("Content-X: ", headerBlockMaxBytes)),
    false,
    ["part-header-too-large"],
  ],
  [
    "headers of parts that are too large together",
    () => parts(10, bigPart("X: ", partHeadersMaxBytes / 9)),
    false,
    ["part-header-too-large"],
  ],
  [
    "a boundary of 200 KB",
    () => typed(`multipart/mixed; boundary=${"b".repeat(200_000)}`, "text"),
    true,
    ["boundary-missing"],
  ],
  [
    "5 MB of lines that are almost a boundary",
    () => mail(multipart("b"), "--b\r\n\r\n", fill("--bb\n", 5 * megabyte)),
    false,
    ["body-cut", "body-lines-too-many"],
  ],
  [
    "500,000 last boundaries",
    () => mail(multipart("b"), fill("--b--\n", 3 * megabyte)),
    true,
    ["boundary-missing"],
  ],
  ["a body of one line of 5 MB", () => typed("text/plain", fill("a", 5 * megabyte)), true, ["body-cut"]],
  ["as many lines as allowed", () => typed("text/plain", fill("\n", bodyLinesMax)), true, []],
  ["one more", () => typed("text/plain", fill("\n", bodyLinesMax + 1)), false, ["body-lines-too-many"]],
  [
    "20 MB of text",
    () => typed("text/plain", fill(`${"a".repeat(76)}\r\n`, 20 * megabyte)),
    true,
    ["body-cut"],
  ],
  ["5 MB of what is no base64", () => encoded("base64", fill("*", 5 * megabyte)), true, []],
  ["5 MB of equals signs", () => encoded("quoted-printable", fill("=", 5 * megabyte)), true, []],
  ["HTML nested 100,000 deep", () => typed("text/html", fill("<blockquote>", 1_200_000), "text"), true, []],
  ["1 MB of open tags", () => typed("text/html", fill("<", megabyte)), true, []],
  [
    "5 MB without a header",
    () => fill("a", 5 * megabyte),
    true,
    ["body-cut", "from-missing", "header-missing"],
  ],
  ["NULs alone", () => fill("\0", 1000), true, ["from-missing", "header-missing", "nul-removed"]],
  ["nothing at all", () => Buffer.alloc(0), true, ["from-missing", "header-missing"]],
];

for (const [sentence, data, isParsed, codes] of cases) {
  test(`${sentence} ${isParsed ? "is read" : "goes on unread"}`, async () => {
    const message = ParsedMessage.parse(await parseData(data()));
    assert.deepEqual([...new Set(message.warnings.map(({ code }) => code))].sort(), codes);
    assert.equal(message.isParsed, isParsed);
  });
}

test("what stands before a bound is kept, but for the part it cuts", async () => {
  const whole = "Content-Type: application/pdf; name=a.pdf\r\n\r\npdf\r\n";
  const cut = `Content-Type: application/pdf; name=b.pdf\r\n\r\n${"b\n".repeat(bodyLinesMax)}`;
  const message = await parseData(
    mail("Subject: Kept\r\n", multipart("b"), "--b\r\n\r\ntext\r\n--b\r\n", whole, "--b\r\n", cut),
  );
  assert.equal(message.isParsed, false);
  assert.equal(message.message.subject, "Kept");
  assert.equal(message.message.text, "text");
  assert.deepEqual(
    message.attachments.map(({ filename }) => filename),
    ["a.pdf"],
  );
});
