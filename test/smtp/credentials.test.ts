import assert from "node:assert/strict";
import { test } from "node:test";
import { SmtpSection } from "../../functions/mail/smtp-section.ts";
import { createAuthenticate, hashPassword } from "../../functions/smtp/credentials.ts";
import { replies } from "../../functions/smtp/protocol/reply.ts";
import { hashOfSecret } from "../support/smtp-peer.ts";

const users = { ann: hashOfSecret };
const report = (error: unknown) => assert.fail(String(error));

const tries = [
  ["the password of a user is hers", "ann", "secret", replies.authenticated],
  ["another is not", "ann", "Secret", replies.authFailed],
  ["nor is it that of a user who is not there", "bob", "secret", replies.authFailed],
  ["what every object has is no user", "constructor", "secret", replies.authFailed],
  ["a user is named to the letter", "Ann", "secret", replies.authFailed],
] as const;

for (const [sentence, user, password, expected] of tries) {
  test(sentence, async () => {
    assert.equal(await createAuthenticate(() => users, report)(user, password), expected);
  });
}

test("a hash that was made is one that the config takes, and another each time", async () => {
  const hashes = [await hashPassword("p\u00e4ss"), await hashPassword("p\u00e4ss")];
  assert.notEqual(hashes[0], hashes[1]);
  const [ann = ""] = hashes;
  const section = SmtpSection.parse({ users: { ann } });
  const authenticate = createAuthenticate(() => section.users, report);
  assert.equal(
    await authenticate("ann", "pa\u0308ss"),
    replies.authenticated,
    "however its letters are composed",
  );
  assert.equal(await authenticate("ann", "pass"), replies.authFailed);
});

test("a hundred may wait, one more is told to come again, and then there is room anew", async () => {
  // Quickly computed, and nobody's password.
  const cheap = { ann: `scrypt$1$1$1$${"A".repeat(22)}$${"A".repeat(43)}` };
  const authenticate = createAuthenticate(() => cheap, report);
  const replied = await Promise.all(Array.from({ length: 101 }, () => authenticate("ann", "secret")));
  assert.deepEqual(
    replied.map((reply) => reply.code),
    [...Array.from({ length: 100 }, () => 535), 454],
  );
  assert.equal(await authenticate("ann", "secret"), replies.authFailed);
});

test("a check that fails is reported, and is no refusal", async () => {
  const errors: unknown[] = [];
  const authenticate = createAuthenticate(
    () => ({ ann: "scrypt$15$8$3$x$y" }),
    (error) => errors.push(error),
  );
  assert.equal(await authenticate("ann", "secret"), replies.authUnavailable);
  assert.equal(errors.length, 1);
  assert.doesNotMatch(String(errors[0]), /secret/);
});
