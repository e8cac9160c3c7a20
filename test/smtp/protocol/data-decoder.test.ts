import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import fc from "fast-check";
import { DataDecoder, type Findings } from "../../../functions/smtp/protocol/data-decoder.ts";
import { dataScanModule, dataScanPath } from "../../../infra/docs/data-scan.ts";
import { decodeSlowly, lookThroughSlowly } from "../../support/data-model.ts";
import { splitAt } from "../../support/smtp-session.ts";

interface Result {
  readonly octets: string;
  readonly findings: Findings;
  /** Of the input. */
  readonly consumed: number;
  readonly isEnd: boolean;
}

function decode(input: Buffer, cuts: readonly number[]): Result {
  const decoder = new DataDecoder("data");
  const octets: Buffer[] = [];
  const edges = [0, ...[...cuts].map((cut) => cut % (input.length + 1)).sort((a, b) => a - b), input.length];
  let consumed = 0;
  let isEnd = false;
  for (const [index, edge] of edges.entries()) {
    const part = input.subarray(edge, edges[index + 1] ?? edge);
    if (isEnd || part.length === 0) continue;
    const decoded = decoder.decode(Buffer.from(part), 0);
    octets.push(Buffer.from(decoded.octets));
    consumed += decoded.end;
    isEnd = decoded.isEnd;
  }
  return { octets: Buffer.concat(octets).toString("latin1"), findings: decoder.findings, consumed, isEnd };
}

const pieces = fc.constantFrom(
  "\r\n",
  "\r",
  "\n",
  ".",
  "..",
  "\r\n.\r\n",
  "\r\n.",
  ".\r\n",
  "\n.\n",
  "\0",
  "a",
  "Received:",
  "rEcEiVeD: x\r\n",
  "Rec",
  "eived",
  "Received :",
  "\r\n\r\n",
  "x".repeat(997),
  "x".repeat(998),
  "x".repeat(999),
  "\t",
  "\xe4",
);
const message = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: pieces },
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join(""), "latin1"));
const cuts = fc.array(fc.nat(), { maxLength: 12 });

test("the committed module is the one that its text makes", async () => {
  assert.equal(await readFile(dataScanPath, "utf8"), await dataScanModule());
});

test("any octets in any chunks decode as one octet at a time does", () => {
  fc.assert(
    fc.property(message, cuts, (input, where) => {
      assert.deepEqual(decode(input, where), decodeSlowly(input));
    }),
    { numRuns: 1000 },
  );
});

test("chunks come out as they are, and are found to be what they are", () => {
  fc.assert(
    fc.property(message, cuts, (input, where) => {
      const decoder = new DataDecoder("chunks");
      const octets = splitAt(where)(input).map((part) => Buffer.from(decoder.decode(part, 0).octets));
      decoder.finish();
      assert.deepEqual(Buffer.concat(octets), input);
      assert.deepEqual(decoder.findings, lookThroughSlowly(input.toString("latin1")));
    }),
    { numRuns: 1000 },
  );
});

test("what a client stuffed comes out as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ -~]{0,8}$/), { maxLength: 10 }), cuts, (lines, where) => {
      const body = lines.map((line) => `${line}\r\n`).join("");
      const stuffed = lines.map((line) => `${line.startsWith(".") ? "." : ""}${line}\r\n`).join("");
      const sent = Buffer.from(`${stuffed}.\r\nNOOP\r\n`);
      const { octets, isEnd, consumed } = decode(sent, where);
      assert.deepEqual(
        { octets, isEnd, consumed },
        { octets: body, isEnd: true, consumed: stuffed.length + 3 },
      );
    }),
  );
});

test("a chunk is not copied where nothing is taken from its midst", () => {
  const input = Buffer.from("one\r\ntwo\r\n.\r\n");
  const { octets } = new DataDecoder("data").decode(input, 0);
  assert.equal(octets.buffer, input.buffer);
  assert.equal(octets.toString(), "one\r\ntwo\r\n");
});

test("more than one segment is read segment by segment", () => {
  const input = Buffer.from(`${"..x\r\n".repeat(30_000)}.\r\nNOOP\r\n`);
  const decoder = new DataDecoder("data");
  const octets: Buffer[] = [];
  let at = 0;
  for (let isEnd = false; !isEnd; ) {
    const decoded = decoder.decode(input, at);
    octets.push(decoded.octets);
    at = decoded.end;
    isEnd = decoded.isEnd;
  }
  assert.equal(Buffer.concat(octets).toString(), ".x\r\n".repeat(30_000));
  assert.equal(input.subarray(at).toString(), "NOOP\r\n");
});

test("a block of another message in between changes nothing", () => {
  const [one, other] = [new DataDecoder("data"), new DataDecoder("data")];
  const first = one.decode(Buffer.from("..a\r\n.\r"), 0);
  other.decode(Buffer.from("\0 Received: x\r\n..b"), 0);
  const last = one.decode(Buffer.from("b\r\n.\r\n"), 0);
  assert.equal(Buffer.concat([first.octets, last.octets]).toString(), ".a\r\n\rb\r\n");
  assert.deepEqual(one.findings, { sizeBytes: 8, bareNewlines: true, longLines: false, hops: 0 });
});

const limits = [
  ["a line of 1000 octets is not long", "x".repeat(998), false],
  ["a line of 1001 octets is", "x".repeat(999), true],
  ["a stuffed dot does not count", `..${"x".repeat(997)}`, false],
] as const;

for (const [sentence, line, isLong] of limits) {
  test(sentence, () => {
    assert.equal(decode(Buffer.from(`${line}\r\n.\r\n`), [500]).findings.longLines, isLong);
  });
}
