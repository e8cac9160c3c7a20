import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Facts, judgeAll, judgeConditions } from "../../functions/mail/condition.ts";
import { When } from "../../functions/mail/when.ts";
import { attachment, type Differences, validated } from "./message.ts";

function factsOf(differences: Differences): Facts {
  const message = validated(differences);
  const { mailFrom, remoteIp, tls } = message.envelope;
  return { recipient: "hello@example.com", mailFrom, remoteIp, isTls: tls !== null, message };
}

const judge = (when: object, facts: Facts) => judgeAll(judgeConditions(When.parse(when), facts)).verdict;

const embedded = attachment({ disposition: "inline", contentId: "<1>", contentType: "image/png" });
const inline = attachment({ disposition: "inline" });
const signature = (result: "pass" | "fail" | "temperror") => ({
  result,
  domain: "example.org",
  selector: "s",
  aligned: true,
  bodyLengthLimited: false,
  detail: null,
});
const dmarcFails = { dmarc: { result: "fail", policy: "reject", domain: "a.test" } } as const;
const tls = { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" };
const originalMessageId = null;
const feedback = { type: "abuse", recipients: [], sourceIp: null, arrivedAt: null, originalMessageId };
const receipt = { disposition: "displayed", recipient: "bo@example.org", originalMessageId };
const list = { id: "<l>", unsubscribe: [], oneClick: false };
const address = (text: string) => ({ address: text, name: null, domain: "" });

const rows: readonly (readonly [string, object, Differences, "yes" | "no" | "unknown"])[] = [
  ["no condition holds always", {}, {}, "yes"],
  ["a recipient by its pattern", { recipient: "*@example.com" }, {}, "yes"],
  ["any of several", { recipient: ["x@a.test", "hello@*"] }, {}, "yes"],
  ["a recipient that is another", { recipient: "x@example.com" }, {}, "no"],
  ["mailFrom by its pattern", { mailFrom: "*@EXAMPLE.org" }, {}, "yes"],
  ["the null path", { mailFrom: "<>" }, { envelope: { mailFrom: null } }, "yes"],
  ["an address is not the null path", { mailFrom: "<>" }, {}, "no"],
  ["the null path is no address", { mailFrom: "*@*" }, { envelope: { mailFrom: null } }, "no"],
  ["remoteIp by its network", { remoteIp: ["10.0.0.0/8", "192.0.2.0/24"] }, {}, "yes"],
  ["an address outside", { remoteIp: "10.0.0.0/8" }, {}, "no"],
  ["an address that is none", { remoteIp: "10.0.0.0/8" }, { envelope: { remoteIp: "?" } }, "unknown"],
  ["nor is it outside", { not: { remoteIp: "10.0.0.0/8" } }, { envelope: { remoteIp: "?" } }, "unknown"],
  ["TLS", { tls: true }, { envelope: { tls } }, "yes"],
  ["no TLS", { tls: false }, {}, "yes"],
  ["TLS that is missing", { tls: true }, {}, "no"],
  [
    "any address of From",
    { from: "*@b.test" },
    { message: { from: [address("x@a.test"), address("x@b.test")] } },
    "yes",
  ],
  ["a From that is missing", { from: "*" }, { message: { from: [] } }, "no"],
  ["a subject by its pattern, whatever its case", { subject: "*INVOICE*" }, {}, "yes"],
  ["a pattern is for the whole subject", { subject: "invoice" }, {}, "no"],
  ["a subject that is missing", { subject: "*" }, { message: { subject: null } }, "no"],
  ["an accent written as two characters", { subject: "*é*" }, { message: { subject: "cafe\u0301" } }, "yes"],
  ["a header field, whatever its case", { header: { "x-TAG": "first" } }, {}, "yes"],
  ["any field of the name", { header: { "X-Tag": "second" } }, {}, "yes"],
  ["every field that is asked for", { header: { "X-Tag": "first", "X-Other": "*" } }, {}, "no"],
  ["a field that is missing", { not: { header: { "X-Other": "*" } } }, {}, "yes"],
  ["at least its size", { minSize: 1000 }, {}, "yes"],
  ["one byte too small", { minSize: 1001 }, {}, "no"],
  ["at most its size", { maxSize: 1000 }, {}, "yes"],
  ["one byte too large", { maxSize: 999 }, {}, "no"],
  ["an attachment", { hasAttachments: true }, { attachments: [attachment()] }, "yes"],
  ["an inline file that nothing embeds", { hasAttachments: true }, { attachments: [inline] }, "yes"],
  ["an embedded image is no attachment", { hasAttachments: false }, { attachments: [embedded] }, "yes"],
  ["yet it has a type", { attachmentType: "IMAGE/*" }, { attachments: [attachment(), embedded] }, "yes"],
  ["no type without attachments", { attachmentType: "*" }, {}, "no"],
  ["spf", { spf: ["fail", "pass"] }, {}, "yes"],
  ["spf that is another", { spf: "fail" }, {}, "no"],
  ["dkim none without a signature", { dkim: "none" }, {}, "yes"],
  [
    "dkim pass when one passes",
    { dkim: "pass" },
    { auth: { dkim: [signature("fail"), signature("pass")] } },
    "yes",
  ],
  ["and then not fail", { dkim: "fail" }, { auth: { dkim: [signature("fail"), signature("pass")] } }, "no"],
  [
    "dkim as any of those that fail",
    { dkim: "temperror" },
    { auth: { dkim: [signature("fail"), signature("temperror")] } },
    "yes",
  ],
  ["dmarc", { dmarc: "none" }, {}, "yes"],
  [
    "dmarc that a trusted sealer saw pass is arc",
    { dmarc: "arc" },
    { auth: { ...dmarcFails, arc: { result: "pass", sealer: "a.test", trusted: true } } },
    "yes",
  ],
  [
    "dmarc that a trusted sealer saw pass does not fail",
    { dmarc: "fail" },
    { auth: { ...dmarcFails, arc: { result: "pass", sealer: "a.test", trusted: true } } },
    "no",
  ],
  [
    "dmarc that passes by itself is pass, whoever sealed it",
    { dmarc: "pass" },
    {
      auth: {
        dmarc: { result: "pass", policy: "reject", domain: "a.test" },
        arc: { result: "pass", sealer: "a.test", trusted: true },
      },
    },
    "yes",
  ],
  ["arc", { arc: "pass" }, { auth: { arc: { result: "pass", sealer: "a.test", trusted: false } } }, "yes"],
  ["a vacation answer is an auto-reply", { kind: "auto-reply" }, { kind: { automatic: "vacation" } }, "yes"],
  ["what is generated is no reply", { kind: "auto-reply" }, { kind: { automatic: "auto-generated" } }, "no"],
  ["but is generated", { kind: "auto-generated" }, { kind: { automatic: "auto-generated" } }, "yes"],
  ["a bounce", { kind: "bounce" }, { kind: { bounce: [] } }, "yes"],
  ["a complaint", { kind: "feedback" }, { kind: { feedback } }, "yes"],
  ["a read receipt", { kind: "receipt" }, { kind: { receipt } }, "yes"],
  ["a signed list mail is both", { kind: "list" }, { kind: { list, signed: "pgp" } }, "yes"],
  ["a letter is of no kind", { kind: ["bounce", "feedback", "receipt", "list"] }, {}, "no"],
  ["all must hold", { subject: "*invoice*", spf: "fail" }, {}, "no"],
  ["a negation", { not: { subject: "*invoice*" } }, {}, "no"],
  ["a negation of what does not all hold", { not: { subject: "*invoice*", spf: "fail" } }, {}, "yes"],
  ["what cannot be read is not known", { subject: "*" }, { isParsed: false }, "unknown"],
  ["nor is its negation", { not: { hasAttachments: true } }, { isParsed: false }, "unknown"],
  ["its size is known", { minSize: 1 }, { isParsed: false }, "yes"],
  ["and so is its authentication", { spf: "pass" }, { isParsed: false }, "yes"],
  ["one no is enough", { subject: "*", spf: "fail" }, { isParsed: false }, "no"],
];

for (const [sentence, when, differences, verdict] of rows) {
  test(`${sentence}: ${JSON.stringify(when)} is ${verdict}`, () => {
    assert.equal(judge(when, factsOf(differences)), verdict);
  });
}

test("every condition of the schema has a row", () => {
  const named = rows.flatMap(([, when]) => Object.keys(when));
  assert.deepEqual(
    Object.keys(When.shape).filter((condition) => !named.includes(condition)),
    [],
  );
});

const atRcpt = {
  recipient: fc.constantFrom("hello@example.com", "x@a.test"),
  mailFrom: fc.constantFrom("<>", "ann@example.org"),
  remoteIp: fc.constantFrom("192.0.2.0/24", "10.0.0.0/8"),
  tls: fc.boolean(),
};
const onContent = {
  subject: fc.constantFrom("*invoice*", "x"),
  minSize: fc.constantFrom(1, 2000),
  spf: fc.constantFrom("pass", "fail"),
  kind: fc.constantFrom("list", "bounce"),
};
const conditions = fc.oneof(
  fc.record(atRcpt, { requiredKeys: [] }),
  fc.record({ ...atRcpt, ...onContent }, { requiredKeys: [] }),
);
const whens = fc
  .tuple(conditions, fc.option(conditions))
  .map(([when, not]) => ({ ...when, ...(not && { not }) }));

test("what is known at RCPT stays true when the message is there", () => {
  const verdicts = new Set<string>();
  fc.assert(
    fc.property(whens, (when) => {
      const facts = factsOf({});
      const early = judge(when, { ...facts, message: null });
      const late = judge(when, facts);
      verdicts.add(early);
      assert.ok(early === "unknown" || early === late, `${early} became ${late}`);
      assert.notEqual(late, "unknown");
    }),
    { numRuns: 1000 },
  );
  assert.equal(verdicts.size, 3);
});

test("a negation turns yes and no around, and leaves unknown", () => {
  const turned = { yes: "no", no: "yes", unknown: "unknown" };
  fc.assert(
    fc.property(conditions, fc.boolean(), (when, isRcpt) => {
      const facts = { ...factsOf({}), ...(isRcpt && { message: null }) };
      assert.equal(judge({ not: when }, facts), turned[judge(when, facts)]);
    }),
  );
});
