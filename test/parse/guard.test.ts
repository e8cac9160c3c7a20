import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { limits } from "../../functions/mail/limits.ts";
import { type HeaderEnd, HeaderGuard, LineGuard } from "../../functions/parse/guard.ts";
import { parseLimits } from "../../functions/parse/parse-limits.ts";

function guard(chunks: readonly string[]): HeaderEnd {
  const headerGuard = new HeaderGuard();
  for (const [index, chunk] of chunks.entries()) {
    const end = headerGuard.feed(Buffer.from(chunk, "latin1"));
    if (end !== null) return { ...end, rest: Buffer.from(`${end.rest}${chunks.slice(index + 1).join("")}`) };
  }
  return headerGuard.end();
}

const block = (size: number) => `X: ${"a".repeat(size - 7)}\r\n\r\n`;
const { headerBlockMaxBytes: maxBytes } = limits;
const { headerLinesMax: maxLines, bodyLinesMax } = parseLimits;

const cases: [sentence: string, message: string, header: string, excess: string | null][] = [
  ["a header ends at a blank line", "A: b\r\n\r\nbody\r\n\r\n", "A: b\r\n\r\n", null],
  ["of bare line feeds too", "A: b\n\nbody", "A: b\n\n", null],
  ["a line with a space is none", "A: b\r\n \r\nC: d\r\n\r\n", "A: b\r\n \r\nC: d\r\n\r\n", null],
  ["nor is one with two carriage returns", "A: b\r\n\r\r\nC: d\n\n", "A: b\r\n\r\r\nC: d\n\n", null],
  ["a header may be empty", "\r\nbody", "\r\n", null],
  ["a message may be all header", "A: b\r\nC", "A: b\r\nC", null],
  ["a message may be empty", "", "", null],
  ["a header of the largest size is read", `${block(maxBytes)}body`, block(maxBytes), null],
  [
    "one byte more is too large",
    `${block(maxBytes + 1)}body`,
    block(maxBytes + 1).slice(0, -1),
    `more than ${maxBytes} bytes`,
  ],
  [
    "as many lines as allowed are read",
    `${"A:\n".repeat(maxLines)}\nbody`,
    `${"A:\n".repeat(maxLines)}\n`,
    null,
  ],
  [
    "one more is too many",
    `${"A:\n".repeat(maxLines + 1)}\n`,
    "A:\n".repeat(maxLines + 1),
    `more than ${maxLines} lines`,
  ],
];

for (const [sentence, message, header, excess] of cases) {
  test(sentence, () => {
    const end = guard([message]);
    assert.equal(end.bytes.toString(), header);
    assert.equal(end.excess, excess);
    if (message.length > header.length) assert.equal(end.rest.toString(), message.slice(header.length));
  });
}

/** The slow obvious way. */
function endOfHeader(text: string): number {
  const lines = text.split("\n");
  const blank = lines.slice(0, -1).findIndex((line) => line === "" || line === "\r");
  return blank === -1 ? text.length : lines.slice(0, blank + 1).join("\n").length + 1;
}

test("a header ends at the same place however the bytes arrive", () => {
  const message = fc.array(fc.constantFrom("\r", "\n", "\r\n", "a", ": ")).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(message, fc.array(fc.nat(10)), (text, sizes) => {
      const chunks: string[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(text.slice(at, at + size));
        at += size;
      }
      const [whole, cut] = [guard([text]), guard([...chunks, text.slice(at)])];
      assert.equal(cut.bytes.toString(), whole.bytes.toString());
      assert.equal(cut.rest.toString(), whole.rest.toString());
      assert.equal(whole.bytes.length, endOfHeader(text));
    }),
  );
});

test("lines are counted over all chunks", () => {
  const lineGuard = new LineGuard();
  assert.equal(lineGuard.feed(Buffer.alloc(bodyLinesMax - 1, "\n")), true);
  assert.equal(lineGuard.feed(Buffer.from("a\n")), true);
  assert.equal(lineGuard.feed(Buffer.from("b")), true);
  assert.equal(lineGuard.feed(Buffer.from("\n")), false);
});
