import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseForwardPath, parseReversePath } from "../../../functions/smtp/protocol/path.ts";

const mailboxes = [
  ["a mailbox", "<ann@mx.test>", "ann@mx.test"],
  ["every atext character", "<!#$%&'*+-/=?^_`{|}~@mx.test>", "!#$%&'*+-/=?^_`{|}~@mx.test"],
  ["a quoted string that needs no quotes", '<"ann.b"@mx.test>', "ann.b@mx.test"],
  ["a quoted string that does", '<"a b"@mx.test>', '"a b"@mx.test'],
  ["a quoted pair that is none needed", '<"a\\nn"@mx.test>', "ann@mx.test"],
  ["a quoted quote and backslash", '<"\\"\\\\"@mx.test>', '"\\"\\\\"@mx.test'],
  ["a quoted string with what ends a path", '<">@,"@mx.test>', '">@,"@mx.test'],
  ["a source route, which is forgotten", "<@a.test,@[192.0.2.1]:ann@mx.test>", "ann@mx.test"],
  ["an IPv4 literal", "<ann@[192.0.2.1]>", "ann@[192.0.2.1]"],
  ["an IPv6 literal", "<ann@[IPv6:2001:db8::1]>", "ann@[IPv6:2001:db8::1]"],
  ["an IPv6 literal that holds IPv4", "<ann@[ipv6:::ffff:192.0.2.1]>", "ann@[ipv6:::ffff:192.0.2.1]"],
  ["UTF-8 in both parts", "<änn@mü.test>", "änn@mü.test"],
  ["a domain of one label", "<ann@localhost>", "ann@localhost"],
  ["an underscore in a domain", "<ann@a_b.test>", "ann@a_b.test"],
] as const;

for (const [sentence, text, mailbox] of mailboxes) {
  test(`a path may be ${sentence}`, () => {
    assert.deepEqual(parseForwardPath(`${text} X=1`), { mailbox, rest: " X=1" });
    assert.deepEqual(parseReversePath(text), { mailbox, rest: "" });
  });
}

const malformed = [
  ["no brackets", "ann@mx.test"],
  ["a space before it", " <ann@mx.test>"],
  ["a bracket missing", "<ann@mx.test"],
  ["something behind it", "<ann@mx.test>x"],
  ["a display name", "Ann <ann@mx.test>"],
  ["two addresses", "<ann@mx.test,bob@mx.test>"],
  ["two @", "<ann@b@mx.test>"],
  ["a space within", "<ann b@mx.test>"],
  ["dots in a row", "<a..b@mx.test>"],
  ["a dot at the end", "<a.@mx.test>"],
  ["an empty label", "<a@mx..test>"],
  ["a dot behind the domain", "<a@mx.test.>"],
  ["a hyphen at a label's end", "<a@mx-.test>"],
  ["a label of 64 octets", `<a@${"b".repeat(64)}.test>`],
  ["a domain of 256 octets", `<a@${"b".repeat(63)}.${"b".repeat(63)}.${"b".repeat(63)}.${"b".repeat(62)}.c>`],
  ["an unended quoted string", '<"ann@mx.test>'],
  ["a quoted string in the midst", '<a"b"@mx.test>'],
  ["an IPv6 literal without its tag", "<a@[2001:db8::1]>"],
  ["an IPv4 literal with it", "<a@[IPv6:192.0.2.1]>"],
  ["an unknown tag", "<a@[x:1]>"],
  ["an empty literal", "<a@[]>"],
  ["a route without its colon", "<@a.test>"],
  ["a route with a hole", "<@a.test,:ann@mx.test>"],
] as const;

for (const [sentence, text] of malformed) {
  test(`a path has not ${sentence}`, () => {
    assert.equal(parseForwardPath(text), null);
    assert.equal(parseReversePath(text), null);
  });
}

test("the null path is a reverse-path alone, the bare postmaster a forward-path alone", () => {
  assert.deepEqual(parseReversePath("<>"), { mailbox: null, rest: "" });
  assert.equal(parseForwardPath("<>"), null);
  assert.deepEqual(parseForwardPath("<PostMaster>"), { mailbox: "PostMaster", rest: "" });
  assert.equal(parseReversePath("<postmaster>"), null);
});

test("what was parsed parses to itself", () => {
  const quoted = fc.string({ maxLength: 12 }).map((text) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`);
  const local = fc.oneof(quoted, fc.stringMatching(/^[a-z.+]{1,9}$/));
  const domain = fc.oneof(
    fc.domain(),
    fc.ipV4().map((ip) => `[${ip}]`),
    fc.ipV6().map((ip) => `[IPv6:${ip}]`),
  );
  fc.assert(
    fc.property(local, domain, (localPart, host) => {
      const once = parseForwardPath(`<${localPart}@${host}>`);
      if (once === null) assert.match(localPart, /^\.|\.\.|\.$/);
      else assert.deepEqual(parseForwardPath(`<${once.mailbox}>`), once);
    }),
  );
});

test("no text makes it throw, or take long", () => {
  const parts = fc.constantFrom(
    "<",
    ">",
    "@",
    '"',
    "\\",
    ".",
    "[",
    "]",
    ":",
    ",",
    "a",
    "-",
    " ",
    "é",
    "IPv6:",
    "1.2.3.4",
    "a.a.a.a",
  );
  const texts = fc.oneof(
    fc.array(parts, { maxLength: 60 }).map((all) => all.join("")),
    fc.uint8Array({ maxLength: 30 }).map((octets) => Buffer.from(octets).toString()),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const parse of [parseForwardPath, parseReversePath]) {
        const path = parse(text);
        if (path !== null) assert.ok(text.endsWith(path.rest));
      }
    }),
    { numRuns: 2000 },
  );
});
