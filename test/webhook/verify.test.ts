import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { toleranceSeconds, verify, WebhookError } from "mailchute/webhook";
import { Webhook } from "standardwebhooks";
import { sign } from "../../functions/deliver/sign.ts";
import { webhookTypes, webhookTypesPath } from "../../infra/docs/webhook-types.ts";
import { secretOf } from "../deliver/routed.ts";

const [older, newer] = [secretOf(1), secretOf(2)];
const body = JSON.stringify({ type: "mail.received", data: { message: { subject: "Grüße 😀" } } });
const nowMs = 1_767_323_045_000;
const headersOf = (secrets: readonly string[], timestampSeconds = nowMs / 1000, signed = body) => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": String(timestampSeconds),
  "webhook-signature": sign(secrets, "msg_1", timestampSeconds, signed),
});
const good = headersOf([newer]);
const at = (ms: number) => ({ now: () => ms });

const genuine: readonly [string, string | Uint8Array, Parameters<typeof verify>[1], string | string[]][] = [
  ["a text", body, good, newer],
  ["bytes", Buffer.from(body), good, newer],
  ["headers as fetch has them", body, new Headers(good), newer],
  [
    "names in another case",
    body,
    Object.fromEntries(Object.entries(good).map(([name, value]) => [name.toUpperCase(), value])),
    newer,
  ],
  ["two signatures, of which the first fits", body, headersOf([newer, older]), newer],
  ["two signatures, of which the second fits", body, headersOf([newer, older]), older],
  ["two secrets, of which the second fits", body, headersOf([older]), [newer, older]],
  [
    "a signature of a later version beside it",
    body,
    { ...good, "webhook-signature": `v2,AAAA ${good["webhook-signature"]}` },
    newer,
  ],
  ["the oldest request", body, headersOf([newer], nowMs / 1000 - toleranceSeconds), newer],
  ["a sender whose clock is ahead", body, headersOf([newer], nowMs / 1000 + toleranceSeconds), newer],
];

for (const [sentence, given, headers, secrets] of genuine)
  test(`genuine: ${sentence}`, async () => {
    assert.deepEqual(await verify(given, headers, secrets, at(nowMs)), JSON.parse(body));
  });

const { "webhook-id": _id, ...withoutId } = good;
const { "webhook-signature": signature } = good;

const forged: readonly [string, string, Parameters<typeof verify>[1], RegExp][] = [
  ["another body", `${body} `, good, /webhook-signature does not match/],
  ["another secret", body, headersOf([older]), /webhook-signature does not match/],
  ["another id", body, { ...good, "webhook-id": "msg_2" }, /webhook-signature does not match/],
  [
    "another time",
    body,
    { ...good, "webhook-timestamp": String(nowMs / 1000 - 1) },
    /webhook-signature does not match/,
  ],
  ["no id", body, withoutId, /webhook-id is missing/],
  ["an id that came twice", body, { ...good, "webhook-id": ["msg_1", "msg_1"] }, /webhook-id is missing/],
  ["an empty signature", body, { ...good, "webhook-signature": "" }, /webhook-signature is missing/],
  [
    "a signature without a version",
    body,
    { ...good, "webhook-signature": signature.slice(3) },
    /does not match/,
  ],
  [
    "a signature of another version",
    body,
    { ...good, "webhook-signature": signature.replace("v1", "v2") },
    /does not match/,
  ],
  ["a signature cut short", body, { ...good, "webhook-signature": signature.slice(0, -4) }, /does not match/],
  ["a request too old", body, headersOf([newer], nowMs / 1000 - toleranceSeconds - 1), /too far from now/],
  [
    "a request from the future",
    body,
    headersOf([newer], nowMs / 1000 + toleranceSeconds + 1),
    /too far from now/,
  ],
  ["a time that is no number", body, { ...good, "webhook-timestamp": "now" }, /is no time/],
  ["a time that is none at all", body, { ...good, "webhook-timestamp": "NaN" }, /is no time/],
];

for (const [sentence, given, headers, message] of forged)
  test(`refused: ${sentence}`, async () => {
    await assert.rejects(verify(given, headers, newer, at(nowMs)), (error) => {
      assert.ok(error instanceof WebhookError);
      assert.match(error.message, message);
      return true;
    });
  });

for (const secret of ["", "whsec_", newer.slice("whsec_".length), "whsec_c2hvcnQ="])
  test(`a secret ${JSON.stringify(secret)} is the receiver's own mistake`, async () => {
    await assert.rejects(verify(body, good, secret, at(nowMs)), TypeError);
  });

test("what standardwebhooks signs verifies", async () => {
  const date = new Date();
  const headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(date.getTime() / 1000)),
    "webhook-signature": new Webhook(newer).sign("msg_1", date, body),
  };
  assert.deepEqual(await verify(body, headers, newer), JSON.parse(body));
});

test("the committed types are those that the schema makes", async () => {
  assert.equal(await readFile(webhookTypesPath, "utf8"), webhookTypes());
});
