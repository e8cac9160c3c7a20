import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createRotateSecret, createSecrets, secretMaxAgeMs } from "../../functions/aws/secrets.ts";
import { createSecretsManager } from "../../functions/aws/secrets-manager.ts";
import { describeError } from "../../functions/mail/errors.ts";
import { emulatedIdentity } from "./emulated.ts";
import { type Answer, startScripted } from "./scripted.ts";

const first = `whsec_${"A".repeat(32)}`;
const second = `whsec_${"b".repeat(43)}=`;

async function setUp(answer: () => Answer) {
  Object.assign(process.env, emulatedIdentity);
  let nowMs = 0;
  const server = await startScripted(answer);
  after(server.close);
  const secretsManager = createSecretsManager(server.endpoint);
  const secrets = createSecrets({ client: secretsManager, prefix: "mailchute/", now: () => nowMs });
  return {
    secrets,
    rotate: createRotateSecret({ client: secretsManager, prefix: "mailchute/" }),
    server,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const holding = (SecretString: string): Answer => ({ body: JSON.stringify({ SecretString }) });

const right = [
  ["one secret as it is", first, [first]],
  ["one secret with a line end, as an editor leaves it", `${first}\n`, [first]],
  ["one secret as Secrets Manager makes it", "a".repeat(44), [`whsec_${"a".repeat(44)}`]],
  ["a list of one", JSON.stringify([first]), [first]],
  ["a list of two, while rotating", JSON.stringify([second, first]), [second, first]],
] as const;

for (const [name, text, expected] of right) {
  test(name, async () => {
    const { secrets, server } = await setUp(() => holding(text));
    assert.deepEqual(await secrets("helpdesk"), expected);
    assert.deepEqual(JSON.parse(String(server.asked[0]?.body)), { SecretId: "mailchute/helpdesk" });
  });
}

test("a rotated secret stands before the one before, and the one before that is gone", async () => {
  const { rotate, server } = await setUp(() => holding(JSON.stringify([second, first])));
  await rotate("helpdesk");
  const { SecretId, SecretString } = JSON.parse(String(server.asked[1]?.body));
  const [fresh, ...others] = JSON.parse(SecretString);
  assert.equal(SecretId, "mailchute/helpdesk");
  assert.match(fresh, /^whsec_[A-Za-z0-9+/]{32}$/);
  assert.deepEqual(others, [second]);
});

const wrong = [
  ["nothing", ""],
  ["a secret of another kind", "hunter2hunter2hunter2hunter2hunter2"],
  ["a secret that is too short", `whsec_${"A".repeat(31)}`],
  ["a bare secret that is one too long", "a".repeat(45)],
  ["a bare secret that is one too short", "a".repeat(43)],
  ["an empty list", "[]"],
  ["three secrets", JSON.stringify([first, first, first])],
  ["a list with something else in it", JSON.stringify([first, 7])],
  ["a list that is not JSON", `["${first}"`],
] as const;

for (const [which, text] of wrong) {
  test(`${which} is refused with the secret's name, and without what it holds`, async () => {
    const { secrets } = await setUp(() => holding(text));
    const error: unknown = await secrets("helpdesk").catch((thrown: unknown) => thrown);
    assert.equal(
      describeError(error),
      'secret mailchute/helpdesk is not right: it must hold "whsec_" and base64 of at least 24 bytes, or 44 letters and digits, or a JSON list of one or two of these',
    );
  });
}

test("secrets are read once in 5 min, by all who ask, and each endpoint has its own", async () => {
  const { secrets, server, pass } = await setUp(() => holding(first));
  await Promise.all([secrets("helpdesk"), secrets("helpdesk")]);
  pass(secretMaxAgeMs - 1);
  await secrets("helpdesk");
  assert.equal(server.asked.length, 1);
  await secrets("billing");
  assert.equal(server.asked.length, 2);
  pass(1);
  await secrets("helpdesk");
  assert.equal(server.asked.length, 3);
});

test("a secret that is not there throws with its name, and is found as soon as it is there", async () => {
  const missing = {
    status: 400,
    headers: { "x-amzn-errortype": "ResourceNotFoundException" },
    body: JSON.stringify({ message: "Secrets Manager can't find the specified secret." }),
  };
  let answer: Answer = missing;
  const { secrets } = await setUp(() => answer);
  const error: unknown = await secrets("helpdesk").catch((thrown: unknown) => thrown);
  assert.equal(
    describeError(error),
    "secret mailchute/helpdesk cannot be read: Secrets Manager can't find the specified secret.",
  );
  answer = holding(first);
  assert.deepEqual(await secrets("helpdesk"), [first]);
});
