import assert from "node:assert/strict";
import { test } from "node:test";
import { Authentication } from "../../functions/mail/messages.ts";
import {
  type DmarcEvidence,
  type Evidence,
  hasTemporaryFailure,
  judgeAuthentication,
  refuseMessage,
  warningsOf,
} from "../../functions/validate/verdict.ts";

const spf = { domain: "sender.example", status: { result: "none" }, info: "spf=none" };
const header = { from: "sender.example" };
const dmarc = { status: { result: "none", header }, info: "dmarc=none" };
const evidence: Evidence = {
  spf,
  dkim: [],
  dmarc,
  arc: { status: { result: "none" }, sealer: null, seals: [] },
  alignedDomains: new Set(),
};

const authority = { hostname: "mx.test", trustedArcSealers: ["list.example", "relay.example"] };
const judge = (changes: Partial<Evidence>) => judgeAuthentication({ ...evidence, ...changes }, authority);
const spfOf = (result: string, domain = "sender.example") => ({
  spf: { ...spf, domain, status: { result } },
});
const dkimOf = (result: string, more: object = {}) => ({
  dkim: [
    { signingDomain: "sender.example", selector: "s1", status: { result, ...more }, info: `dkim=${result}` },
  ],
});
const dmarcOf = (result: string, more: Partial<DmarcEvidence> = {}) => ({
  dmarc: { status: { result, header }, info: `dmarc=${result}`, ...more },
});
const alignment = (spfDomain?: string, dkimDomain?: string, underSized = 0) => ({
  alignment: {
    spf: spfDomain === undefined ? {} : { result: spfDomain },
    dkim: dkimDomain === undefined ? {} : { result: dkimDomain, underSized },
  },
});

const sealedBy = (...seals: readonly [domain: string, dmarcPassFor: string | null][]) => ({
  ...dmarcOf("fail"),
  arc: {
    status: { result: "pass" },
    sealer: null,
    seals: seals.map(([domain, dmarcPassFor]) => ({ domain, dmarcPassFor })),
  },
});
const trusted = { arc: { trusted: true }, senderVerified: false };
const untrusted = { arc: { trusted: false } };

const rows: readonly [string, Partial<Evidence>, object][] = [
  ["a trusted sealer that saw DMARC pass is trusted", sealedBy(["list.example", "sender.example"]), trusted],
  ["one that saw it fail is not", sealedBy(["list.example", null]), untrusted],
  ["one that saw another author is not", sealedBy(["list.example", "other.example"]), untrusted],
  ["a stranger is not", sealedBy(["stranger.example", "sender.example"]), untrusted],
  [
    "an earlier one counts while all after it are trusted",
    sealedBy(["list.example", "sender.example"], ["relay.example", null]),
    trusted,
  ],
  [
    "behind a stranger it does not",
    sealedBy(["list.example", "sender.example"], ["stranger.example", null], ["relay.example", null]),
    untrusted,
  ],
  [
    "nor does a stranger's word before a trusted seal",
    sealedBy(["stranger.example", "sender.example"], ["relay.example", null]),
    untrusted,
  ],
  [
    "a chain that fails is not",
    {
      ...sealedBy(["list.example", "sender.example"]),
      arc: { ...sealedBy(["list.example", "sender.example"]).arc, status: { result: "fail" } },
    },
    untrusted,
  ],
  [
    "mail without a single author is not",
    { ...sealedBy(["list.example", "sender.example"]), dmarc: null },
    untrusted,
  ],
  ...["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"].map(
    (result): [string, Partial<Evidence>, object] => [
      `spf=${result} is itself`,
      spfOf(result),
      { spf: { result } },
    ],
  ),
  ...["neutral", "pass", "fail", "policy", "temperror", "permerror"].map(
    (result): [string, Partial<Evidence>, object] => [
      `dkim=${result} is itself`,
      dkimOf(result),
      { dkim: [{ result }] },
    ],
  ),
  ...["none", "pass", "fail", "temperror", "permerror"].map((result): [string, Partial<Evidence>, object] => [
    `dmarc=${result} is itself`,
    dmarcOf(result),
    { dmarc: { result } },
  ]),
  ...["none", "pass", "fail"].map((result): [string, Partial<Evidence>, object] => [
    `arc=${result} is itself`,
    { arc: { status: { result }, sealer: null, seals: [] } },
    { arc: { result } },
  ]),
  ["an unknown SPF result is a permanent error", spfOf("maybe"), { spf: { result: "permerror" } }],
  ["an unknown DKIM result is a permanent error", dkimOf("maybe"), { dkim: [{ result: "permerror" }] }],
  ["an unknown DMARC result is a permanent error", dmarcOf("maybe"), { dmarc: { result: "permerror" } }],
  [
    "an unknown ARC result is a failure",
    { arc: { status: { result: "maybe" }, sealer: null, seals: [] } },
    { arc: { result: "fail" } },
  ],
  ["SPF of the From domain aligns", spfOf("pass"), { spf: { aligned: true } }],
  ["SPF of another domain does not", spfOf("pass", "other.example"), { spf: { aligned: false } }],
  [
    "SPF aligns where DMARC says so",
    { ...spfOf("pass", "m.sender.example"), ...dmarcOf("pass", alignment("m.sender.example")) },
    { spf: { aligned: true } },
  ],
  ["a domain literal is no domain", spfOf("none", "[192.0.2.1]"), { spf: { domain: null } }],
  ["a bare word is no domain", spfOf("none", "localhost"), { spf: { domain: null } }],
  [
    "DKIM aligns where DMARC says so",
    {
      dkim: [{ signingDomain: "M.sender.example", status: { result: "pass" }, info: "" }],
      alignedDomains: new Set(["m.sender.example"]),
    },
    { dkim: [{ aligned: true, domain: "M.sender.example", selector: "" }] },
  ],
  [
    "a signature that names no domain has an empty one",
    { dkim: [{ status: { result: "neutral" }, info: "" }] },
    { dkim: [{ domain: "", selector: "", aligned: false }] },
  ],
  [
    "the comment is the detail",
    dkimOf("fail", { comment: "bad signature" }),
    { dkim: [{ detail: "bad signature" }] },
  ],
  [
    "a rule without a comment is the detail",
    dkimOf("policy", { policy: { "dkim-rules": "weak-key" } }),
    { dkim: [{ detail: "weak-key" }] },
  ],
  ["an unsigned message has no signature", dkimOf("none"), { dkim: [] }],
  [
    "no single author is a failure",
    { dmarc: null },
    { dmarc: { result: "fail", policy: null, domain: null }, senderVerified: false },
  ],
  ["a policy is passed on", dmarcOf("fail", { policy: "quarantine" }), { dmarc: { policy: "quarantine" } }],
  ["an unknown policy is none known", dmarcOf("fail", { policy: "maybe" }), { dmarc: { policy: null } }],
  [
    "DMARC pass verifies the sender",
    dmarcOf("pass", alignment(undefined, "sender.example")),
    { senderVerified: true },
  ],
  ["DMARC failure does not", dmarcOf("fail", alignment()), { senderVerified: false }],
  ["DMARC that could not be known does not", dmarcOf("temperror"), { senderVerified: false }],
  [
    "DMARC pass by a partial signature alone does not",
    dmarcOf("pass", alignment(undefined, "sender.example", 1)),
    { senderVerified: false },
  ],
  [
    "SPF beside a partial signature does",
    dmarcOf("pass", alignment("sender.example", "sender.example", 1)),
    { senderVerified: true },
  ],
  ["the header begins with our name", {}, { header: "mx.test; spf=none; arc=none; dmarc=none" }],
  [
    "the header says why no author was judged",
    { dmarc: null },
    { header: "mx.test; spf=none; arc=none; dmarc=fail (no single author domain)" },
  ],
  [
    "what was refused is said, SPF aside",
    refuseMessage("header over 1 bytes", true, { ...spf, status: { result: "pass" } }),
    {
      spf: { result: "pass" },
      dkim: [{ result: "policy", detail: "header over 1 bytes" }],
      dmarc: { result: "permerror" },
      arc: { result: "fail" },
      senderVerified: false,
    },
  ],
  [
    "no ARC set that was refused is none",
    refuseMessage("header over 1 bytes", false, spf),
    { arc: { result: "none" } },
  ],
];

for (const [sentence, changes, expected] of rows)
  test(`verdict: ${sentence}`, () =>
    assert.partialDeepStrictEqual(Authentication.parse(judge(changes)), expected));

for (const [sentence, changes, didDnsFail, expected] of [
  ["a pass is lasting", spfOf("pass"), false, false],
  ["spf=temperror is temporary", spfOf("temperror"), false, true],
  ["dkim=temperror is temporary", dkimOf("temperror"), false, true],
  ["dmarc=temperror is temporary", dmarcOf("temperror"), false, true],
  ["arc=fail is lasting", { arc: { status: { result: "fail" }, sealer: null, seals: [] } }, false, false],
  [
    "arc=fail while DNS fails is temporary",
    { arc: { status: { result: "fail" }, sealer: null, seals: [] } },
    true,
    true,
  ],
  ["a question that failed and did not matter is nothing", spfOf("pass"), true, false],
] as const)
  test(`verdict: ${sentence}`, () => assert.equal(hasTemporaryFailure(judge(changes), didDnsFail), expected));

test("what kept us from looking is a warning", () => {
  const limited = judge({
    dkim: [{ ...dkimOf("pass").dkim[0], canonBodyLengthLimited: true, status: { result: "pass" }, info: "" }],
  });
  const codes = warningsOf(limited, "header over 1 bytes").map(({ code }) => code);
  assert.deepEqual([codes, warningsOf(judge({}), null)], [["not-authenticated", "dkim-body-length"], []]);
});
