import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openSecretText } from "../../functions/aws/secret-text.ts";
import { describeError } from "../../functions/mail/errors.ts";
import { emulatedIdentity } from "./emulated.ts";
import { type Answer, startScripted } from "./scripted.ts";

Object.assign(process.env, emulatedIdentity);

async function setUp(answer: () => Answer) {
  const server = await startScripted(answer);
  after(server.close);
  return { server, secret: openSecretText("mailchute/tls", server.endpoint) };
}

test("a secret is read and replaced by its name", async () => {
  const { server, secret } = await setUp(() => ({ body: '{"SecretString":"old"}' }));
  assert.equal(await secret.read(), "old");
  await secret.write("new");
  assert.deepEqual(
    server.asked.map(({ headers, body }) => {
      const { SecretId, SecretString } = JSON.parse(String(body));
      return [headers["x-amz-target"], SecretId, SecretString];
    }),
    [
      ["secretsmanager.GetSecretValue", "mailchute/tls", undefined],
      ["secretsmanager.PutSecretValue", "mailchute/tls", "new"],
    ],
  );
});

test("an error tells the name and never the text", async () => {
  const denied = { status: 400, body: '{"__type":"AccessDeniedException","message":"denied"}' };
  const { secret } = await setUp(() => denied);
  await assert.rejects(secret.write("private"), (error) => {
    assert.equal(describeError(error), "secret mailchute/tls cannot be written: denied");
    return true;
  });
});
