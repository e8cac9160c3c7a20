import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddresses } from "../../functions/parse/addresses.ts";

const ignore = () => undefined;

/** Each address as `name <address>`. */
const cases: [sentence: string, raw: string, expected: string[]][] = [
  ["a bare address has no name", "a@b.test", ["<a@b.test>"]],
  ["the domain is in lower case, the local part as sent", "Ada@B.TEST", ["<Ada@b.test>"]],
  [
    "a comma in quotes is part of the name",
    '"Doe, J." <j@b.test>, k@b.test',
    ["Doe, J. <j@b.test>", "<k@b.test>"],
  ],
  ["quotes in quotes are unescaped", '"The \\"Boss\\"" <a@b.test>', ['The "Boss" <a@b.test>']],
  ["a comment behind a bare address is its name", "a@b.test (A (the) B)", ["A (the) B <a@b.test>"]],
  ["a comment in a name is none of it", "J (x) D <a@b.test>", ["J D <a@b.test>"]],
  [
    "groups are flattened",
    "G: a@b.test, B <b@b.test>; , c@b.test",
    ["<a@b.test>", "B <b@b.test>", "<c@b.test>"],
  ],
  ["an empty group is nobody", "undisclosed-recipients:;", []],
  ["a group in brackets is nobody", "<undisclosed-recipient:@b.test;>", []],
  ["a source route is left out", "<@r1.test,@r2.test:a@b.test>", ["<a@b.test>"]],
  [
    "a quoted local part keeps its quotes",
    '"a b"@c.test, <"d>e"@c.test>',
    ['<"a b"@c.test>', '<"d>e"@c.test>'],
  ],
  ["a domain may be an address literal", "a@[IPv6:2001:db8::1]", ["<a@[ipv6:2001:db8::1]>"]],
  ["white space around the at sign is left out", "a @ b.test", ["<a@b.test>"]],
  ["semicolons separate as commas do", "a@b.test; c@d.test", ["<a@b.test>", "<c@d.test>"]],
  ["an address as a name stays a name", '"ceo@bank.test" <x@evil.test>', ["ceo@bank.test <x@evil.test>"]],
  ["a lone word is a local address", "MAILER-DAEMON", ["<MAILER-DAEMON>"]],
  ["words alone are a name without an address", "The whole team", ["The whole team <>"]],
  [
    "a bracket that is not closed ends at the comma",
    "<a@b.test, C <c@b.test>",
    ["<a@b.test>", "C <c@b.test>"],
  ],
  ["a quote that is not closed is none", '"Ada <a@b.test>', ["Ada <a@b.test>"]],
  ["mailto: is left out", "<mailto:a@b.test>", ["<a@b.test>"]],
  ["a comma in an encoded word is part of it", "=?utf-8?Q?Doe,_J?= <a@b.test>", ["Doe, J <a@b.test>"]],
  ["encoded words in quotes are decoded, as others do", '"=?utf-8?B?w6k=?=" <a@b.test>', ["é <a@b.test>"]],
  [
    "an encoded word never becomes an address",
    "=?utf-8?Q?a=40bank.test?=@evil.test",
    ["<=?utf-8?Q?a=40bank.test?=@evil.test>"],
  ],
  [
    "nor does what a name decodes to",
    "=?utf-8?Q?=22CEO=22_=3Cceo=40bank.test=3E?= <x@evil.test>",
    ['"CEO" <ceo@bank.test> <x@evil.test>'],
  ],
  ["nothing is nobody", " ,, <> ;", []],
];

for (const [sentence, raw, expected] of cases) {
  test(sentence, () => {
    const addresses = parseAddresses(raw, ignore);
    assert.deepEqual(
      addresses.map(({ name, address }) => `${name === null ? "" : `${name} `}<${address}>`),
      expected,
    );
    for (const { address, domain } of addresses) {
      assert.equal(domain, address.includes("@") ? address.slice(address.lastIndexOf("@") + 1) : "");
    }
  });
}

test("anything can be read as addresses", () => {
  const special = fc.constantFrom(
    "<",
    ">",
    '"',
    "(",
    ")",
    ",",
    ";",
    ":",
    "@",
    "\\",
    " ",
    "=?utf-8?Q?",
    "?=",
    "a",
    "[",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(special, fc.string())), (pieces) => {
      for (const { address, name } of parseAddresses(pieces.join(""), ignore)) {
        assert.ok(address !== "" || name !== null);
        assert.doesNotMatch(address, /[\r\n\0]/);
      }
    }),
  );
});
