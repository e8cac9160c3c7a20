import assert from "node:assert/strict";
import { test } from "node:test";
import type { Envelope, ParsedMessage } from "../../functions/mail/messages.ts";
import { findOddities } from "../../functions/validate/oddities.ts";
import { withRoutes } from "../mail/config.ts";
import { type Differences, validated } from "../mail/message.ts";

const config = withRoutes(
  { name: "rest", when: { recipient: ["*@shop.test", "*@*.branch.test"] }, to: "inbox" },
  { name: "gone", when: { recipient: "*@old.test" }, reject: "Gone" },
);

type Author = ParsedMessage["message"]["from"][number];

const from = (address: string, name: string | null = null): { from: Author[] } => ({
  from: [{ address, name, domain: address.slice(address.indexOf("@") + 1) }],
});
const to = { address: "hello@example.com", name: null, domain: "example.com" };
const aligned = { spf: { result: "pass", domain: "example.org", aligned: true } } as const;
const apart = { spf: { result: "pass", domain: "esp.test", aligned: false } } as const;
const fromFields = (count: number): [string, string][] =>
  Array.from({ length: count }, (_, index) => [index % 2 === 0 ? "From" : "FROM", "ann@example.org"]);

const rows: readonly (readonly [string, Differences, readonly string[]])[] = [
  ["a plain letter has none", {}, []],
  ["another domain in MAIL FROM", { envelope: { mailFrom: "b@esp.test" }, auth: apart }, ["from-differs"]],
  ["one that SPF aligns is the same", { envelope: { mailFrom: "b@esp.test" }, auth: aligned }, []],
  ["a domain below the author's is the same", { envelope: { mailFrom: "b@m.example.org" }, auth: apart }, []],
  [
    "so is one above it",
    { envelope: { mailFrom: "b@example.org" }, message: from("a@m.example.org"), auth: apart },
    [],
  ],
  [
    "a name that only ends alike is not",
    { envelope: { mailFrom: "b@notexample.org" }, auth: apart },
    ["from-differs"],
  ],
  ["two From fields", { message: { headers: fromFields(2) } }, ["from-repeated"]],
  ["one From field", { message: { headers: fromFields(1) } }, []],
  ["no author at all", { message: { from: [] } }, []],
  [
    "a name that shows an address of ours",
    { message: from("x@example.org", "Support <help@shop.test>") },
    ["name-own-domain"],
  ],
  [
    "a name that shows our domain",
    { message: from("x@example.org", "SHOP.test billing") },
    ["name-own-domain"],
  ],
  [
    "one below it that a wildcard takes",
    { message: from("x@example.org", "a.branch.test") },
    ["name-own-domain"],
  ],
  ["in full-width letters", { message: from("x@example.org", "ｓｈｏｐ．ｔｅｓｔ") }, ["name-own-domain"]],
  [
    "at the end of a sentence",
    { message: from("x@example.org", "The team of shop.test.") },
    ["name-own-domain"],
  ],
  ["a domain that only contains ours is another's", { message: from("x@example.org", "myshop.test") }, []],
  ["one that is only rejected is nobody's", { message: from("x@example.org", "old.test") }, []],
  [
    "the server's own name is ours",
    { message: from("x@example.org", "mx.example.com") },
    ["name-own-domain"],
  ],
  [
    "an author at our domain whom nothing verifies",
    { envelope: { mailFrom: "x@shop.test" }, message: from("ceo@shop.test", "shop.test") },
    ["from-own-domain"],
  ],
  [
    "a verified author at our domain",
    { envelope: { mailFrom: "x@shop.test" }, message: from("ceo@shop.test"), auth: { senderVerified: true } },
    [],
  ],
  ["a letter from <>", { envelope: { mailFrom: null } }, ["null-sender"]],
  ["a bounce from <>", { envelope: { mailFrom: null }, kind: { bounce: [] } }, []],
  ["an automatic reply from <>", { envelope: { mailFrom: null }, kind: { automatic: "vacation" } }, []],
  ["a recipient whom nobody names", { envelope: { rcptTo: ["b@shop.test"] } }, ["recipient-not-named"]],
  [
    "one in Cc is named",
    { envelope: { rcptTo: ["B@shop.test"] }, message: { cc: [{ ...to, address: "b@SHOP.test" }] } },
    [],
  ],
  ["a bare newline", { envelope: { bareNewlines: true } }, ["bare-newlines"]],
  [
    "of a mail that could not be read only the envelope tells",
    {
      isParsed: false,
      envelope: { mailFrom: null, bareNewlines: true },
      message: from("ceo@shop.test", "shop.test"),
    },
    ["bare-newlines"],
  ],
];

for (const [sentence, differences, expected] of rows)
  test(`oddity: ${sentence}`, () => {
    const { auth, ...message } = validated({ ...differences, message: { to: [to], ...differences.message } });
    const found = findOddities(message, auth, config);
    assert.deepEqual(
      found.map(({ code }) => code),
      expected,
    );
  });

test("a route that takes mail for every domain makes none our own", () => {
  const everything = withRoutes({ name: "all", when: { recipient: ["*", "*@*"] }, to: "inbox" });
  const { auth, ...message } = validated({ message: { ...from("x@example.org", "shop.test"), to: [to] } });
  assert.deepEqual(findOddities(message, auth, everything), []);
});

test("a hundred recipients whom nobody names stay one short warning", () => {
  const envelope: Partial<Envelope> = {
    rcptTo: Array.from({ length: 100 }, (_, index) => `a${index}@shop.test`),
  };
  const { auth, ...message } = validated({ envelope });
  assert.equal(findOddities(message, auth, config)[0]?.detail.length, 200);
});
