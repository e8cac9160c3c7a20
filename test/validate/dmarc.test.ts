import assert from "node:assert/strict";
import { test } from "node:test";
import type { Envelope } from "../../functions/mail/messages.ts";
import { authorised, judge, key, policy, type Records } from "./judge.ts";
import { plain, sign } from "./mail.ts";

const signed = await sign(plain);
const limited = await sign(plain, { maxBodyLength: 12 });
const relaxed = await sign(plain.replaceAll("sender.example", "news.sender.example"));
const strictPolicy = { "_dmarc.news.sender.example TXT": [["v=DMARC1; p=quarantine; adkim=s; aspf=s"]] };

const dmarcRows: readonly [string, string, Records, Partial<Envelope>, object][] = [
  [
    "an aligned signature passes",
    signed,
    { ...key, ...policy },
    {},
    { dmarc: { result: "pass", policy: "reject", domain: "sender.example" }, senderVerified: true },
  ],
  [
    "an aligned SPF pass passes",
    plain,
    { ...authorised, ...policy },
    {},
    { dmarc: { result: "pass" }, senderVerified: true },
  ],
  [
    "neither fails",
    plain,
    policy,
    {},
    { dmarc: { result: "fail", policy: "reject" }, senderVerified: false },
  ],
  [
    "no policy is none, whatever else passes",
    signed,
    { ...key, ...authorised },
    {},
    {
      dmarc: { result: "none", policy: null, domain: "sender.example" },
      senderVerified: false,
      dkim: [{ aligned: true }],
    },
  ],
  [
    "DNS that does not answer is a temporary error",
    signed,
    { ...key, "_dmarc.sender.example TXT": "ESERVFAIL" },
    {},
    { dmarc: { result: "temperror", policy: null }, senderVerified: false },
  ],
  [
    "a parent domain's signature aligns by default",
    relaxed,
    { ...key, ...policy },
    {},
    { dmarc: { result: "pass", domain: "news.sender.example" }, dkim: [{ aligned: true }] },
  ],
  [
    "a parent domain's signature does not align under adkim=s",
    relaxed,
    { ...key, ...strictPolicy },
    {},
    { dmarc: { result: "fail", policy: "quarantine" }, dkim: [{ result: "pass", aligned: false }] },
  ],
  [
    "SPF of another domain does not align",
    plain,
    { ...policy, "other.example TXT": [["v=spf1 +all"]] },
    { mailFrom: "ann@other.example" },
    { dmarc: { result: "fail" }, spf: { result: "pass", aligned: false } },
  ],
  [
    "a signature over part of a body passes DMARC, and verifies no sender",
    `${limited}Send money.\r\n`,
    { ...key, ...policy },
    {},
    { dmarc: { result: "pass" }, senderVerified: false },
  ],
  [
    "a signature with l= over the whole body verifies the sender",
    limited,
    { ...key, ...policy },
    {},
    { dmarc: { result: "pass" }, senderVerified: true },
  ],
  [
    "two From fields fail",
    `From: ann@sender.example\r\n${signed}`,
    { ...key, ...policy },
    {},
    { dmarc: { result: "fail", policy: null, domain: null }, senderVerified: false },
  ],
  [
    "no From field fails",
    plain.slice(plain.indexOf("To:")),
    {},
    {},
    { dmarc: { result: "fail", domain: null } },
  ],
  [
    "two author domains fail",
    plain.replace("From: ", "From: c@evil.example, "),
    policy,
    {},
    { dmarc: { result: "fail" } },
  ],
];

for (const [sentence, mail, records, changes, expected] of dmarcRows)
  test(`DMARC: ${sentence}`, async () =>
    assert.partialDeepStrictEqual(await judge(mail, records, changes), expected));
