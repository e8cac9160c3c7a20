import assert from "node:assert/strict";
import { test } from "node:test";
import type { Envelope } from "../../functions/mail/messages.ts";
import { authorised, judge, type Records } from "./judge.ts";
import { plain } from "./mail.ts";

const spfRows: readonly [string, Records, Partial<Envelope>, object][] = [
  [
    "an authorised address passes",
    authorised,
    {},
    { result: "pass", domain: "sender.example", aligned: true },
  ],
  [
    "-all fails another address",
    authorised,
    { remoteIp: "192.0.2.2" },
    { result: "fail", domain: "sender.example" },
  ],
  ["~all soft-fails", { "sender.example TXT": [["v=spf1 ~all"]] }, {}, { result: "softfail" }],
  ["?all is neutral", { "sender.example TXT": [["v=spf1 ?all"]] }, {}, { result: "neutral" }],
  ["no record is none", {}, {}, { result: "none", domain: "sender.example" }],
  [
    "two records are a permanent error",
    { "sender.example TXT": [["v=spf1 -all"], ["v=spf1 +all"]] },
    {},
    { result: "permerror" },
  ],
  [
    "DNS that does not answer is a temporary error",
    { "sender.example TXT": "ETIMEOUT" },
    {},
    { result: "temperror" },
  ],
  [
    "DNS that is not there is a temporary error",
    { "sender.example TXT": "ECONNREFUSED" },
    {},
    { result: "temperror" },
  ],
  [
    "a record that is no text is a temporary error",
    { "sender.example TXT": [42] },
    {},
    { result: "temperror" },
  ],
  [
    "<> is judged by HELO",
    { "mta.sender.example TXT": [["v=spf1 ip4:192.0.2.1 -all"]] },
    { mailFrom: null },
    { result: "pass", domain: "mta.sender.example" },
  ],
  [
    "<> with an address for HELO is none",
    {},
    { mailFrom: null, helo: "192.0.2.1" },
    { result: "none", domain: null },
  ],
  [
    "<> with an address literal for HELO is none",
    {},
    { mailFrom: null, helo: "[192.0.2.1]" },
    { result: "none", domain: null },
  ],
  ["a loopback client is judged like any", authorised, { remoteIp: "127.0.0.1" }, { result: "fail" }],
  [
    "a private client is judged like any",
    { "sender.example TXT": [["v=spf1 ip4:10.0.0.0/8 -all"]] },
    { remoteIp: "10.1.2.3" },
    { result: "pass" },
  ],
  [
    "an IPv6 client is judged by ip6",
    { "sender.example TXT": [["v=spf1 ip6:2001:db8::/32 -all"]] },
    { remoteIp: "2001:db8::1" },
    { result: "pass" },
  ],
  [
    "MX records are followed",
    {
      "sender.example TXT": [["v=spf1 mx -all"]],
      "sender.example MX": [{ exchange: "a.sender.example", priority: 1 }],
      "a.sender.example A": ["192.0.2.1"],
    },
    {},
    { result: "pass" },
  ],
];

for (const [sentence, records, changes, expected] of spfRows)
  test(`SPF: ${sentence}`, async () =>
    assert.partialDeepStrictEqual((await judge(plain, records, changes)).spf, expected));
