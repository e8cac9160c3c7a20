import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attachmentFilename, sanitizeFilename } from "../../functions/parse/filename.ts";
import { parseLimits } from "../../functions/parse/parse-limits.ts";

const max = parseLimits.filenameMaxBytes;

const cases: [sentence: string, original: string, expected: string][] = [
  ["a plain name stays", "Report 2026 (final).pdf", "Report 2026 (final).pdf"],
  ["letters of all languages stay", "übersicht-文件-отчёт.txt", "übersicht-文件-отчёт.txt"],
  ["folders are left out", "../../etc/passwd", "passwd"],
  ["folders of Windows too", "C:\\Users\\ada\\a.txt", "a.txt"],
  ["a slash of another width separates nothing", "a\u{ff0f}b.txt", "a_b.txt"],
  ["two dots are no name", "..", "_"],
  ["no name begins with a dot", ".htaccess", "_htaccess"],
  ["nor with a hyphen, which is an option", "-rf", "_rf"],
  ["nor ends in dots and spaces, which Windows drops", "a.txt. .", "a.txt"],
  ["control characters are left out", "a\0\r\nb\x7f\u{85}.txt", "ab.txt"],
  ["so are those that turn the direction", "photo\u{202e}gnp.exe", "photognp.exe"],
  ["and those that nobody sees", "a\u{200b}\u{feff}.txt", "a.txt"],
  ["what a shell or Windows reads otherwise is replaced", '<a>:"b|c?*.txt', "_a___b_c__.txt"],
  ["a device of Windows is no name", "con", "_con"],
  ["with an extension neither", "LPT1.tar.gz", "_LPT1.tar.gz"],
  ["a name that only begins like a device stays", "console.log", "console.log"],
  ["half a character is replaced", "a\u{d800}.txt", "a_.txt"],
  ["marks are joined with their letters", "u\u{308}.txt", "ü.txt"],
  ["a name at the limit stays", `${"a".repeat(max - 4)}.pdf`, `${"a".repeat(max - 4)}.pdf`],
  ["one past it is cut before its extension", `${"a".repeat(max - 3)}.pdf`, `${"a".repeat(max - 4)}.pdf`],
  ["and between characters", `${"é".repeat(max)}.pdf`, `${"é".repeat((max - 4) / 2)}.pdf`],
  ["nothing stays nothing", "/", ""],
];

for (const [sentence, original, expected] of cases) {
  test(sentence, () => assert.equal(sanitizeFilename(original), expected));
}

const defaults: [sentence: string, original: string | null, contentType: string, expected: string][] = [
  ["a part without a name has one by its type", null, "image/png", "attachment-3.png"],
  ["of an unknown type too", "\u{202e}/", "application/x-odd", "attachment-3.bin"],
  ["a message is an .eml", null, "message/rfc822", "message-3.eml"],
  ["whatever it is called", "Hello", "message/rfc822", "Hello.eml"],
  ["unless it is called so", "Hello.EML", "message/rfc822", "Hello.EML"],
  ["and within the limit", "a".repeat(max), "message/rfc822", `${"a".repeat(max - 4)}.eml`],
];

for (const [sentence, original, contentType, expected] of defaults) {
  test(sentence, () => assert.equal(attachmentFilename(original, contentType, 2), expected));
}

test("whatever is sent, the name is safe, and safe names stay", () => {
  const nasty = fc.constantFrom(
    "..",
    "/",
    "\\",
    "con",
    ".",
    " ",
    "\u{202e}",
    "\0",
    "😀",
    "\u{d800}",
    "a",
    "COM1",
    "~",
    "-",
  );
  const name = fc.oneof(
    fc.string({ unit: "binary", maxLength: 120 }),
    fc.array(nasty).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(name, fc.constantFrom("text/plain", "message/rfc822"), (original, contentType) => {
      const safe = attachmentFilename(original, contentType, 0);
      assert.notEqual(safe, "");
      assert.ok(Buffer.byteLength(safe) <= max);
      assert.ok(safe.isWellFormed());
      assert.doesNotMatch(
        safe,
        /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069/\\<>:"|?*]|^[.\s~-]|[.\s]$/u,
      );
      assert.equal(attachmentFilename(safe, contentType, 0), safe);
    }),
    { numRuns: 200 },
  );
});
