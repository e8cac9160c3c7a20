import { limits } from "../../../functions/mail/limits.ts";
import { parseLimits } from "../../../functions/parse/parse-limits.ts";
import { fill, type HostileRow, mail, megabyte, multipart, type Pieces, typed } from "./pieces.ts";

const { mimeDepthMax, mimePartsMax, headerBlockMaxBytes } = limits;
const { partHeadersMaxBytes } = parseLimits;

/** Multiparts in each other, and a text in the innermost. */
function* nested(depth: number, boundaryOf = (level: number) => `b${level}`): Pieces {
  yield* mail();
  for (let level = 0; level < depth; level += 1)
    yield Buffer.from(`${multipart(boundaryOf(level))}--${boundaryOf(level)}\r\n`);
  yield Buffer.from("\r\ntext\r\n");
}

function* parts(count: number, part = "\r\ntext\r\n", type = "mixed"): Pieces {
  const bytes = Buffer.from(`--b\r\n${part}`, "latin1");
  yield* mail(multipart("b", type));
  for (let index = 0; index < count; index += 1) yield bytes;
  yield Buffer.from("--b--\r\n");
}

const line = `${"a".repeat(76)}\r\n`;

const bigPart = (name: string, sizeBytes: number) => `${name}${"a".repeat(sizeBytes)}\r\n\r\ntext\r\n`;

const attached = (header: string) => parts(1, `Content-Type: application/pdf\r\n${header}\r\n\r\npdf\r\n`);

export const structures: readonly HostileRow[] = [
  ["MIME of the greatest depth", () => nested(mimeDepthMax), true, []],
  ["one level more", () => nested(mimeDepthMax + 1), false, ["depth-too-deep"]],
  ["10,000 levels", () => nested(10_000), false, ["parts-too-many"]],
  ["30 levels with one boundary", () => nested(mimeDepthMax, () => "b"), true, []],
  [
    "30 levels, each boundary the next one's beginning",
    () => nested(mimeDepthMax, (level) => "b".repeat(level + 1)),
    true,
    [],
  ],
  ["as many parts as allowed", () => parts(mimePartsMax), true, []],
  ["one part more", () => parts(mimePartsMax + 1), false, ["parts-too-many"]],
  ["10,000 parts", () => parts(10_000), false, ["parts-too-many"]],
  ["10,000 boundaries without a part", () => parts(10_000, ""), false, ["parts-too-many"]],
  ["900 messages in a digest", () => parts(900, "\r\nSubject: a\r\n\r\ntext\r\n", "digest"), true, []],
  ["900 HTML texts", () => parts(900, "Content-Type: text/html\r\n\r\n<p>text\r\n"), true, []],
  [
    "900 alternatives",
    () => parts(900, "Content-Type: text/html\r\n\r\n<p>text\r\n", "alternative"),
    true,
    [],
  ],
  [
    "messages in messages, 5,000 deep",
    () => mail(fill("Content-Type: message/rfc822\r\n\r\n", 160_000), "text"),
    true,
    [],
  ],
  [
    "a boundary that is not there",
    () => typed("multipart/mixed", fill("--b\r\n\r\n", megabyte)),
    true,
    ["boundary-missing"],
  ],
  [
    "an empty boundary",
    () => typed('multipart/mixed; boundary=""', fill("--\r\n\r\n", megabyte)),
    true,
    ["boundary-missing"],
  ],
  [
    "a boundary that never comes",
    () => typed("multipart/mixed; boundary=b", fill("text\r\n", 3 * megabyte)),
    true,
    ["body-cut", "boundary-missing"],
  ],
  [
    "a boundary of 200 KB",
    () => typed(`multipart/mixed; boundary=${"b".repeat(200_000)}`, "text"),
    true,
    ["boundary-missing"],
  ],
  [
    "a boundary that is a pattern",
    () => typed('multipart/mixed; boundary="(a+)+$.*"', "--", fill("a", megabyte)),
    true,
    ["boundary-missing"],
  ],
  [
    "a boundary with NULs",
    () => typed('multipart/mixed; boundary="b\0b"', "--b\0b\r\n\r\ntext\r\n--b\0b--\r\n"),
    true,
    [],
  ],
  [
    "a boundary named __proto__",
    () => typed("multipart/mixed; boundary=__proto__", "--__proto__\r\n\r\ntext"),
    true,
    [],
  ],
  [
    "a multipart in base64",
    () =>
      typed("multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64", "--b\r\n\r\ntext\r\n--b--"),
    true,
    [],
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
  [
    "a preamble and an epilogue of 20 MB",
    () =>
      mail(
        multipart("b"),
        fill(line, line.length * 128_000),
        "--b\r\n\r\ntext\r\n--b--\r\n",
        fill(line, line.length * 128_000),
      ),
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
    "a part's header without an end",
    () => mail(multipart("b"), "--b\r\n", fill("Content-X: y\r\n", 200_000)),
    false,
    ["part-header-too-large"],
  ],
  [
    "a file name that climbs 10,000 folders",
    () => attached(`Content-Disposition: attachment; filename="${"../".repeat(10_000)}etc/passwd"`),
    true,
    [],
  ],
  [
    "a file name of CR LF and NUL",
    () => attached("Content-Disposition: attachment; filename*=utf-8''a%0D%0AX-Evil:%20b%00.pdf"),
    true,
    [],
  ],
  [
    "a file name of 20,000 bidi marks",
    () => attached(`Content-Disposition: attachment; filename*=utf-8''${"%E2%80%AE".repeat(20_000)}fdp.exe`),
    true,
    [],
  ],
  [
    "a file name of 200 KB of spaces and dots",
    () => attached(`Content-Disposition: attachment; filename="a${" .".repeat(100_000)}"`),
    true,
    [],
  ],
  [
    "a file name of 20,000 combining marks",
    () => attached(`Content-Disposition: attachment; filename*=utf-8''a${"%CC%81".repeat(20_000)}`),
    true,
    [],
  ],
  ["a Content-ID of 200 KB", () => attached(`Content-ID: ${"<".repeat(200_000)}`), true, []],
];
