import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { CommandError } from "../../infra/cli/exit.ts";
import { readPassword } from "../../infra/cli/read-password.ts";

const read = (text: string, at = text.length) => {
  const octets = Buffer.from(text);
  return readPassword(Readable.from([octets.subarray(0, at), octets.subarray(at)]));
};

const inputs = [
  ["a line", "s\u00e9cret\n"],
  ["a line of Windows", "s\u00e9cret\r\n"],
  ["what is piped in without a line end", "s\u00e9cret"],
  ["the first of several lines", "s\u00e9cret\nother\n"],
] as const;

for (const [sentence, text] of inputs) {
  test(`the password is ${sentence}, in one piece or in two`, async () => {
    assert.equal(await read(text), "s\u00e9cret");
    assert.equal(await read(text, 2), "s\u00e9cret");
  });
}

test("no password is none to hash", async () => {
  await assert.rejects(read("\n"), CommandError);
  await assert.rejects(read(""), CommandError);
});
