import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, key, type Records } from "./judge.ts";
import { plain, sign } from "./mail.ts";
import { keyRecord } from "./zone.ts";

const signed = await sign(plain);
const limited = await sign(plain, { maxBodyLength: 12 });

const dkimRows: readonly [string, string, Records, object[]][] = [
  ["an unsigned mail has no DKIM verdict", plain, key, []],
  [
    "a signature that verifies passes",
    signed,
    key,
    [
      {
        result: "pass",
        domain: "sender.example",
        selector: "s1",
        aligned: true,
        bodyLengthLimited: false,
        detail: null,
      },
    ],
  ],
  [
    "an altered body fails",
    signed.replace("Bob.", "Rob."),
    key,
    [{ result: "fail", detail: "body hash did not verify", bodyLengthLimited: false }],
  ],
  [
    "an altered header fails",
    signed.replace(": Hello", ": Bye"),
    key,
    [{ result: "fail", detail: "bad signature" }],
  ],
  [
    "a signature over part of the body passes, and says so",
    limited,
    key,
    [{ result: "pass", bodyLengthLimited: true }],
  ],
  ["a missing key is neutral", signed, {}, [{ result: "neutral", detail: "no key" }]],
  [
    "DNS that does not answer is a temporary error",
    signed,
    { "s1._domainkey.sender.example TXT": "ETIMEOUT" },
    [{ result: "temperror", detail: "DNS failure: ETIMEOUT" }],
  ],
  [
    "an expired signature is neutral",
    await sign(plain, { signTime: new Date("2001-01-01"), expires: new Date("2001-02-01") }),
    key,
    [{ result: "neutral" }],
  ],
  [
    "an identity below the domain is refused where the key has t=s",
    await sign(plain, { identity: "@sub.sender.example" }),
    { "s1._domainkey.sender.example TXT": [[`t=s; ${keyRecord.flat().join("").slice("v=DKIM1; ".length)}`]] },
    [{ result: "neutral", detail: "domain mismatch" }],
  ],
  [
    "a signature of another domain passes, and does not align",
    await sign(plain, { signingDomain: "other.example" }),
    { "s1._domainkey.other.example TXT": keyRecord },
    [{ result: "pass", domain: "other.example", aligned: false }],
  ],
  [
    "two signatures give two verdicts",
    await sign(signed, { signingDomain: "other.example" }),
    key,
    [
      { domain: "other.example", result: "neutral" },
      { domain: "sender.example", result: "pass" },
    ],
  ],
];

for (const [sentence, mail, records, expected] of dkimRows)
  test(`DKIM: ${sentence}`, async () => {
    const { dkim } = await judge(mail, records);
    assert.equal(dkim.length, expected.length);
    assert.partialDeepStrictEqual(dkim, expected);
  });
