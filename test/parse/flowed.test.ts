import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { unflow } from "../../functions/parse/flowed.ts";

const cases: [sentence: string, text: string, deletesSpaces: boolean, expected: string][] = [
  ["a line that ends in a space goes on", "a \nb\nc", false, "a b\nc"],
  ["with DelSp the space goes", "a \nb\nc", true, "ab\nc"],
  ["a stuffed space is left out", " >a\n From", false, ">a\nFrom"],
  ["quotes flow within their depth", "> a \n> b\n>> c \n> d", false, "> a b\n>> c \n> d"],
  ["a signature's mark neither flows nor is flowed into", "a \n-- \nb", false, "a \n-- \nb"],
  ["the end of the text ends a paragraph", "a ", false, "a "],
];

for (const [sentence, text, deletesSpaces, expected] of cases) {
  test(sentence, () => assert.equal(unflow(text, deletesSpaces), expected));
}

test("text without spaces at line ends or starts stays", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z.]{0,20}$/)), (lines) => {
      assert.equal(unflow(lines.join("\n"), true), lines.join("\n"));
    }),
  );
});
