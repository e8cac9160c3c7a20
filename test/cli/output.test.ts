import assert from "node:assert/strict";
import { test } from "node:test";
import { showProgress } from "../../infra/cli/output.ts";

const bar = (filled: number) => `\r[${"#".repeat(filled)}${".".repeat(30 - filled)}]`;

const cases = [
  [
    "a terminal sees each step, and the line ends with the last",
    true,
    false,
    2,
    `${bar(15)} 1 of 2${bar(30)} 2 of 2\n`,
  ],
  ["a file or a pipe sees nothing", false, false, 2, ""],
  ["who asked for JSON sees nothing", true, true, 2, ""],
  ["one step has no progress", true, false, 1, ""],
] as const;

test("more than there were in the beginning fill the bar", () => {
  let written = "";
  showProgress(2, { to: { isTTY: true, write: (text) => (written += text) }, isJson: false })(3);
  assert.equal(written, `${bar(30)} 3 of 3\n`);
});

for (const [sentence, isTTY, isJson, total, expected] of cases) {
  test(sentence, () => {
    let written = "";
    const tell = showProgress(total, { to: { isTTY, write: (text) => (written += text) }, isJson });
    for (let done = 1; done <= total; done += 1) tell(done);
    assert.equal(written, expected);
  });
}
