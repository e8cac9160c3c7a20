import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  BoundedBody,
  judgeHeader,
  authenticationLimits as limits,
  openMessage,
  withCrlf,
} from "../../functions/validate/guard.ts";
import { chunksOf } from "./mail.ts";

const signature = "DKIM-Signature: v=1\r\n";

const headerRows: readonly [string, string, string | null][] = [
  ["no header is within every limit", "", null],
  ["lines at the limit are", "X: y\r\n".repeat(limits.headerLinesMax), null],
  ["one line more is not", "X: y\r\n".repeat(limits.headerLinesMax + 1), "header over 4000 lines"],
  ["folded lines count", `X: y\r\n${" z\r\n".repeat(limits.headerLinesMax)}`, "header over 4000 lines"],
  ["a line at the limit is", "x".repeat(limits.lineMaxBytes), null],
  ["one byte more is not", "x".repeat(limits.lineMaxBytes + 1), "header line over 65536 bytes"],
  ["signatures at the limit are", signature.repeat(limits.signaturesMax), null],
  ["one signature more is not", signature.repeat(limits.signaturesMax + 1), "over 10 signatures"],
  ["a signature counts in any case", signature.toUpperCase().repeat(11), "over 10 signatures"],
  [
    "a signature with a fold before its colon counts",
    "DKIM-Signature\r\n : v=1\r\n".repeat(11),
    "over 10 signatures",
  ],
  ["a field that only begins like a signature does not count", "DKIM-Signature-X: v=1\r\n".repeat(11), null],
];

for (const [sentence, header, expected] of headerRows)
  test(`header: ${sentence}`, () => assert.equal(judgeHeader(Buffer.from(header)), expected));

const wide = (sizeBytes: number) => `${`${"x".repeat(998)}\r\n`.repeat(300).slice(0, sizeBytes - 2)}\r\n`;

for (const [sentence, sizeBytes, expected] of [
  ["a header at the limit is read", limits.headerMaxBytes, null],
  ["one byte more is not", limits.headerMaxBytes + 1, `header over ${limits.headerMaxBytes} bytes`],
] as const)
  test(`header: ${sentence}`, async () => {
    const { exceeded } = await openMessage(chunksOf(`${wide(sizeBytes)}\r\nbody`));
    assert.equal(exceeded, expected);
  });

test("a header without an end is read no further than the limit, and its source is closed", async () => {
  let readBytes = 0;
  let isClosed = false;
  async function* endless() {
    try {
      for (;;) {
        readBytes += 1000;
        yield Buffer.from(`${"x".repeat(998)}\r\n`);
      }
    } finally {
      isClosed = true;
    }
  }
  const { exceeded } = await openMessage(endless());
  assert.deepEqual([exceeded, isClosed], [`header over ${limits.headerMaxBytes} bytes`, true]);
  assert.ok(readBytes < limits.headerMaxBytes + 2000);
});

const openRows: readonly [string, string, string, string][] = [
  ["CR LF CR LF ends the header", "A: b\r\n\r\nbody", "A: b\r\n\r\n", "body"],
  ["LF LF ends the header", "A: b\n\nbody\r\n\r\n", "A: b\n\n", "body\r\n\r\n"],
  ["the first blank line ends it", "A: b\n\r\nbody\n\nmore", "A: b\n\r\n", "body\n\nmore"],
  ["a blank first line is an empty header", "\r\nA: b\r\n\r\n", "\r\n", "A: b\r\n\r\n"],
  ["a blank first line may be LF", "\nA: b", "\n", "A: b"],
  ["a message may be all header", "A: b\r\n", "A: b\r\n", ""],
  ["a message may be empty", "", "", ""],
];

for (const [sentence, mail, header, body] of openRows)
  test(`open: ${sentence}, however it is cut`, async () => {
    for (const sizeBytes of [1, 2, 3, 5, 100]) {
      const opened = await openMessage(chunksOf(mail, sizeBytes));
      const rest = Buffer.concat(await Array.fromAsync(opened.body)).toString();
      assert.deepEqual([opened.header.toString(), rest], [header, body]);
    }
  });

for (const [field, expected] of [
  ["ARC-Seal: i=1", true],
  ["arc-message-signature: i=1", true],
  ["X-ARC-Seal: i=1", false],
] as const)
  test(`open: ${field} ${expected ? "is" : "is not"} a claim to an ARC set`, async () => {
    assert.equal((await openMessage(chunksOf(`A: b\r\n${field}\r\n\r\n`))).hasArc, expected);
  });

const passed = async (body: BoundedBody) => Buffer.concat(await Array.fromAsync(body)).length;

for (const [sentence, body, sizeBytes, isWithin] of [
  ["a line at the limit", `a\r\n${"x".repeat(limits.lineMaxBytes)}\n`, 7, true],
  ["one byte more", `a\r\n${"x".repeat(limits.lineMaxBytes + 1)}\n`, 7, false],
  ["a last line at the limit", "x".repeat(limits.lineMaxBytes), 1 << 20, true],
  ["a last line of one byte more", "x".repeat(limits.lineMaxBytes + 1), 1 << 20, false],
  ["many lines that come in one chunk", "abc\r\n".repeat(100_000), 1 << 20, true],
] as const)
  test(`body: ${sentence} ${isWithin ? "passes" : "ends the body"}`, async () => {
    const bounded = new BoundedBody(chunksOf(body, sizeBytes), () => 0);
    const bytes = await passed(bounded);
    assert.equal(bounded.exceeded, isWithin ? null : `body line over ${limits.lineMaxBytes} bytes`);
    assert.equal(bytes === body.length, isWithin);
  });

for (const [sentence, costMs, expected] of [
  ["the budget spent to the last millisecond", limits.bodyBudgetMs / 2, null],
  ["one millisecond more", limits.bodyBudgetMs / 2 + 1, `body took over ${limits.bodyBudgetMs} ms`],
] as const)
  test(`body: ${sentence} ${expected === null ? "passes" : "ends the body"}`, async () => {
    let nowMs = 0;
    const bounded = new BoundedBody(chunksOf("aa\n", 1), () => nowMs);
    let count = 0;
    for await (const _ of bounded) nowMs += count++ < 2 ? costMs : 0;
    assert.equal(bounded.exceeded, expected);
  });

test("body: time that the source takes is not counted", async () => {
  let nowMs = 0;
  async function* slow() {
    for (let i = 0; i < 3; i++) {
      nowMs += 1_000_000;
      yield Buffer.from("a\r\n");
    }
  }
  const bounded = new BoundedBody(slow(), () => nowMs);
  assert.deepEqual([await passed(bounded), bounded.exceeded], [9, null]);
});

test("bare LF becomes CR LF, however the body is cut", async () => {
  const text = fc.array(fc.constantFrom("\r", "\n", "a", "é")).map((letters) => letters.join(""));
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 5 }), async (mail, sizeBytes) => {
      const actual = Buffer.concat(await Array.fromAsync(withCrlf(chunksOf(mail, sizeBytes)))).toString();
      assert.equal(actual, mail.replace(/(?<!\r)\n/g, "\r\n"));
    }),
  );
});
