import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeWords } from "../../functions/parse/encoded-words.ts";
import { warned } from "./warned.ts";

const cases: [sentence: string, raw: string, expected: string, codes?: string[]][] = [
  ["text without encoded words stays", "a =? b ?= c", "a =? b ?= c"],
  ["underscores are spaces in Q", "=?utf-8?Q?a_b=5F?=", "a b_"],
  ["white space between encoded words is dropped", "=?utf-8?Q?a?=  =?utf-8?Q?b?=", "ab"],
  ["white space beside them is kept", "x =?utf-8?Q?a?= y", "x a y"],
  ["a character may be split between two words", "=?utf-8?B?4oI=?= =?UTF-8?B?rA==?=", "€"],
  ["or between the two encodings", "=?utf-8?B?4oI=?= =?utf-8?Q?=AC?=", "€"],
  ["words of two charsets are decoded apart", "=?utf-8?Q?=C3=A9?= =?iso-8859-1?Q?=E9?=", "éé"],
  ["a language may be named", "=?iso-8859-1*fr?Q?=E9?=", "é"],
  ["spaces in a word are no reason to leave it", "=?utf-8?Q?hello world?=", "hello world"],
  ["a word may touch its neighbours", "a=?utf-8?Q?b?=c", "abc"],
  ["raw 8-bit in a word is of its charset", "=?iso-8859-1?Q?caf\xe9?=", "café"],
  ["raw UTF-8 beside words is read", "\xc3\xa9 =?utf-8?Q?a?=", "é a"],
  ["raw Latin is read with a warning", "\xe9t\xe9", "été", ["header-not-utf8"]],
  ["an unknown charset is guessed with a warning", "=?x-no?Q?=E9?=", "é", ["charset-unknown"]],
  ["an empty word is nothing", "=?utf-8?B??=", ""],
  ["a word without an end is text", "=?utf-8?Q?abc", "=?utf-8?Q?abc"],
  ["an unknown encoding is text", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="],
];

for (const [sentence, raw, expected, codes = []] of cases) {
  test(sentence, () =>
    assert.deepEqual(
      warned((warn) => decodeWords(raw, warn)),
      [expected, codes],
    ),
  );
}

test("what is encoded comes back, however it is cut into words", () => {
  const cut = fc.tuple(fc.string({ unit: "grapheme", minLength: 1 }), fc.integer({ min: 1, max: 40 }));
  fc.assert(
    fc.property(cut, ([text, size]) => {
      const words: string[] = [];
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) {
        words.push(`=?utf-8?B?${bytes.subarray(at, at + size).toString("base64")}?=`);
      }
      assert.deepEqual(
        warned((warn) => decodeWords(words.join("\t"), warn)),
        [text, []],
      );
    }),
  );
});
