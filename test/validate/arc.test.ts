import assert from "node:assert/strict";
import { test } from "node:test";
import { sealMessage } from "mailauth/lib/arc/index.js";
import { authorised, judge, key, policy, type Records } from "./judge.ts";
import { plain, sign } from "./mail.ts";
import { keyRecord, signingKey } from "./zone.ts";

async function seal(mail: string): Promise<string> {
  const headers = await sealMessage(mail, {
    signingDomain: "list.example",
    selector: "s1",
    privateKey: signingKey,
    authResults: "mx.list.example; spf=pass smtp.mailfrom=sender.example",
    cv: "none",
  });
  return headers.toString() + mail;
}

const sealed = await seal(plain);
const sealKey = { "s1._domainkey.list.example TXT": keyRecord };

const arcRows: readonly [string, string, Records, object][] = [
  ["no set is none", plain, sealKey, { result: "none", sealer: null }],
  [
    "a chain that verifies passes, and names its sealer",
    sealed,
    sealKey,
    { result: "pass", sealer: "list.example" },
  ],
  ["an altered body fails", sealed.replace("Bob", "Rob"), sealKey, { result: "fail", sealer: null }],
  ["a missing key fails", sealed, {}, { result: "fail", sealer: null }],
  [
    "a seal without its signature fails",
    sealed.replace("ARC-Message-Signature", "X-Message-Signature"),
    sealKey,
    { result: "fail", sealer: null },
  ],
];

for (const [sentence, mail, records, expected] of arcRows)
  test(`ARC: ${sentence}`, async () => assert.deepEqual((await judge(mail, records)).arc, expected));

test("the header is one line, in our name, with every mechanism", async () => {
  const { header } = await judge(await sign(sealed), { ...key, ...policy, ...authorised, ...sealKey });
  assert.match(
    header,
    /^mx\.receiver\.test; dkim=pass [^;]*; spf=pass [^;]*; arc=pass [^;]*; dmarc=pass [^;]*$/,
  );
});

test("an empty message is judged", async () => {
  const { dkim, dmarc, arc } = await judge("", authorised);
  assert.deepEqual([dkim, dmarc.result, arc.result], [[], "fail", "none"]);
});
