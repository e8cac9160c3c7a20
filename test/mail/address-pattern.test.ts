import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { domainName, matchAddress, parseAddressPattern } from "../../functions/mail/address-pattern.ts";

const matches: readonly (readonly [string, string, string, Readonly<Record<string, string>> | null])[] = [
  ["an address matches itself", "a@example.com", "a@example.com", {}],
  ["a domain has no case", "a@example.com", "a@EXAMPLE.com", {}],
  ["nor, for routing, has a local part", "Sales@example.com", "sALES@example.com", {}],
  ["what is captured keeps its case", "reply+{t}@example.com", "Reply+AbC@example.com", { t: "AbC" }],
  ["a capture is not empty", "reply+{t}@example.com", "reply+@example.com", null],
  [
    "a domain captures, too",
    "{user}@{team}.example.com",
    "Ann@Sales.example.com",
    { user: "Ann", team: "sales" },
  ],
  ["* stands for every local part", "*@example.com", "x@example.com", {}],
  ["* does not stand for another domain", "*@example.com", "x@a.example.com", null],
  ["*. is every subdomain", "*@*.example.com", "x@a.b.example.com", {}],
  ["*. is not the domain itself", "*@*.example.com", "x@example.com", null],
  ["a domain that ends alike is another", "*@example.com", "x@badexample.com", null],
  ["* alone is every address", "*", "x@anything.test", {}],
  ["* alone is the null path as well", "*", "<>", {}],
  ["*@* is not the null path", "*@*", "<>", null],
  ["the null path is itself", "<>", "<>", {}],
  ["the null path is no address", "<>", "a@b", null],
  ["quotes mean nothing in an address", "a@d.test", '"a"@d.test', {}],
  ["quotes mean nothing in a pattern", '"a"@d.test', "a@d.test", {}],
  ["a quoted pair is its character", "a b@d.test", '"a\\ b"@d.test', {}],
  ["a quoted @ ends no local part", "*@example.com", '"x@example.com"@evil.test', null],
  ["a quoted @ is captured", "{x}@evil.test", '"a@b"@evil.test', { x: "a@b" }],
  ["an asterisk may be meant", "\\*@example.com", "*@example.com", {}],
  ["and stands for itself alone", "\\*@example.com", "a@example.com", null],
  ["an address literal matches itself", "a@[192.0.2.1]", "a@[192.0.2.1]", {}],
  ["an IPv6 literal has no case", "a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]", {}],
  ["a U-label is its A-label", "a@bücher.example", "a@xn--bcher-kva.example", {}],
  ["an A-label is its U-label", "a@xn--bcher-kva.example", "a@BÜCHER.example", {}],
  ["a wildcard stands beside a U-label", "*@*.bücher.example", "a@x.xn--bcher-kva.example", {}],
  ["full-width letters are no disguise", "a@example.com", "a@ｅxample.com", null],
  ["a slash in a label ends nothing", "a@bücher.example", "a@bücher/x.example", null],
  ["a local part alone is in no domain", "*@example.com", "postmaster", null],
  ["an empty local part is one", "*@example.com", '""@example.com', {}],
];

for (const [sentence, pattern, address, captures] of matches) {
  test(`${sentence}: ${pattern} on ${address}`, () =>
    assert.deepEqual(matchAddress(pattern, address), captures));
}

const problems = [
  ["an address pattern has an @", "example.com", /no @/],
  ["and a local part", "@example.com", /write \*@example.com/],
  ["and a domain", "a@", /no domain/],
  ["a comma is no dot", "*@example,com", /no domain/],
  ["no label is empty", "*@example..com", /no domain/],
  ["no domain begins with a dot", "*@.example.com", /no domain/],
  ["a wildcard cuts no U-label", "*@b*ü.example", /no domain/],
  ["a name is captured once, on both sides", "{a}@{a}.example", /one name twice/],
  ["the local part is a pattern", "**@example.com", /side by side/],
  ["the domain is a pattern", "a@{.example", /no \}/],
] as const;

for (const [sentence, pattern, problem] of problems) {
  test(`${sentence}: ${pattern}`, () => {
    const parsed = parseAddressPattern(pattern);
    assert.match(parsed.kind === "problem" ? parsed.problem : "", problem);
    assert.equal(matchAddress(pattern, "a@example.com"), null);
  });
}

test("any address that is written as a pattern, its wildcards escaped, matches itself", () => {
  const localPart = fc.string({ minLength: 1, maxLength: 64 });
  const domain = fc.domain();
  fc.assert(
    fc.property(localPart, domain, (local, host) => {
      const address = `"${local.replaceAll(/["\\]/g, "\\$&")}"@${host}`;
      const pattern = `${local.replaceAll(/[*{}\\]/g, "\\$&")}@${host.toUpperCase()}`;
      if (/^".*"$/s.test(local)) return; // Quotes in a pattern are the quoted string's.
      assert.notEqual(matchAddress(pattern, address), null);
      assert.notEqual(matchAddress(`*@${host}`, address), null);
    }),
  );
});

test("no address makes the match throw", () => {
  const hostile = fc.string({
    unit: fc.oneof(fc.constantFrom("@", '"', "\\", ".", "ü", "/", "%"), fc.string()),
  });
  fc.assert(fc.property(hostile, (address) => void matchAddress("{x}@bücher.example", address)));
});

const domains: readonly (readonly [string, string, boolean])[] = [
  ["one label is a domain", "localhost", true],
  ["a label has at most 63 characters", `${"a".repeat(63)}.test`, true],
  ["and not 64", `${"a".repeat(64)}.test`, false],
  ["a domain has at most 253", `${"a.".repeat(126)}a`, true],
  ["and not 254", `${"a.".repeat(126)}aa`, false],
  ["no label ends in a hyphen", "a-.test", false],
  ["nor a domain in a dot", "a.test.", false],
  ["an underscore is no letter", "mx_1.test", false],
];

for (const [sentence, text, expected] of domains) {
  test(sentence, () => assert.equal(domainName.test(text), expected));
}
