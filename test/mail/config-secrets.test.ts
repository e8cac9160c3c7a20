import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf, written } from "./config.ts";

/** Where someone wrote a password, and not its hash. */
const slips = [
  [
    { users: { ann: "hunter2" } },
    "smtp.users.ann is not shown here: write what `mailchute hash-password` prints",
  ],
  [
    { users: { "a b": "hunter2" } },
    'smtp.users["a b"] is a bad name: write a name of 1 to 100 printable ASCII',
  ],
  [{ users: ["hunter2"] }, "smtp.users is not shown here: write hashes of passwords by user"],
  [{ users: "ann:hunter2" }, "smtp.users is not shown here: write hashes of passwords by user"],
  [[{ users: { ann: "hunter2" } }], 'smtp is [{"users":"…"}]: write an object with'],
] as const;

for (const [smtp, start] of slips) {
  test(`what is not to be read is not shown: ${start}`, () => {
    const [problem = "", ...more] = problemsOf(written({ smtp }));
    assert.deepEqual(more, []);
    assert.ok(problem.startsWith(start), problem);
    assert.doesNotMatch(problem, /hunter2/);
  });
}
