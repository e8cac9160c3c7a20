import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { sign, webhookId } from "../../functions/deliver/sign.ts";
import { routedMessage, secretOf } from "./routed.ts";

const body = JSON.stringify({ subject: "Grüße 😀" });
const [older, newer] = [secretOf(1), secretOf(2)];

const headersOf = (signature: string, timestampSeconds = Math.floor(Date.now() / 1000)) => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": String(timestampSeconds),
  "webhook-signature": signature,
});

const signNow = (secrets: readonly string[]) => sign(secrets, "msg_1", Math.floor(Date.now() / 1000), body);

test("a signature is what standardwebhooks verifies", () => {
  assert.deepEqual(new Webhook(newer).verify(body, headersOf(signNow([newer]))), JSON.parse(body));
});

test("while the secret is being changed, either verifies", () => {
  const signature = signNow([newer, older]);
  assert.match(signature, /^v1,[\w+/=]+ v1,[\w+/=]+$/);
  for (const secret of [newer, older]) new Webhook(secret).verify(body, headersOf(signature));
});

test("an altered body does not verify", () => {
  assert.throws(
    () => new Webhook(newer).verify(`${body} `, headersOf(signNow([newer]))),
    /No matching signature/,
  );
});

test("a signature is the one that the specification shows", () => {
  const signature = sign(
    ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1_614_265_330,
    '{"test": 2432232314}',
  );
  assert.equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

for (const [sentence, secret] of [
  ["no prefix", older.slice("whsec_".length)],
  ["another prefix", older.replace("whsec_", "whsk_")],
  ["nothing behind the prefix", "whsec_"],
  ["what is no base64", "whsec_not base64!"],
  ["nothing", ""],
] as const)
  test(`a secret with ${sentence} signs nothing, and leaves the other to sign`, () => {
    assert.equal(signNow([secret]), "");
    assert.equal(signNow([secret, newer]), signNow([newer]));
  });

const replay = { at: "2026-01-02T03:04:05.678Z", reason: null };

for (const [sentence, changes, expected] of [
  ["names the message and the endpoint", {}, "msg_01890a5dac96774bbcceb302099a8057_helpdesk"],
  ["differs for another endpoint", { endpoint: "billing" }, "msg_01890a5dac96774bbcceb302099a8057_billing"],
  ["differs for a replay", { replay }, "msg_01890a5dac96774bbcceb302099a8057_helpdesk_r1767323045678"],
] as const)
  test(`webhook-id ${sentence}`, () => assert.equal(webhookId(routedMessage(changes)), expected));
