import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchAddress } from "../../functions/mail/address-pattern.ts";
import { parseConfig } from "../../functions/mail/config.ts";
import { comparedPatternsMax, configWarnings, covers } from "../../functions/mail/config-warnings.ts";
import { written } from "./config.ts";

const warningsOf = (...routes: readonly object[]) =>
  configWarnings(parseConfig(written({ routes, postmaster: ["inbox", "helpdesk"] })));

const to = (name: string, recipient: unknown, more: object = {}) => ({
  name,
  when: { recipient },
  to: "inbox",
  ...more,
});
const never = (index: number, name: string, by: string) =>
  `routes[${index}] "${name}" never matches: ${by} before it takes all it asks for`;
const reject = { name: "no", when: { recipient: "a@example.com" }, reject: "no" };

const rows: readonly (readonly [string, readonly object[], readonly string[]])[] = [
  ["a plain config has none", [to("a", "a@example.com"), to("rest", "*@example.com")], []],
  [
    "the same pattern again never matches",
    [to("a", "A@example.com"), to("b", "a@EXAMPLE.com")],
    [never(1, "b", '"a"')],
  ],
  [
    "nor does one that a wider one takes",
    [to("rest", "*@example.com"), to("b", "r+{t}@example.com")],
    [never(1, "b", '"rest"')],
  ],
  [
    "nor one that two take between them",
    [to("a", "a@b.test"), to("c", "c@b.test"), to("b", ["a@b.test", "c@b.test"])],
    [never(2, "b", '"a" and "c"')],
  ],
  [
    "nor more conditions",
    [to("rest", "*"), { name: "b", when: { spf: "pass" }, drop: "x" }],
    [never(1, "b", '"rest"')],
  ],
  ["nor a reject", [to("rest", "*@example.com"), reject], [never(1, "no", '"rest"')]],
  ["one that is only partly taken may match", [to("a", "a@b.test"), to("b", ["a@b.test", "c@b.test"])], []],
  [
    "continue takes nothing away",
    [to("rest", "*@example.com", { continue: true }), to("b", "a@example.com")],
    [],
  ],
  [
    "nor does a reject, which spares postmaster",
    [{ ...reject, when: { recipient: "*@example.com" } }, to("b", "*@example.com")],
    [],
  ],
  [
    "nor a route with more conditions",
    [
      to("a", "*@b.test"),
      { name: "c", when: { recipient: "*@example.com", tls: true }, to: "inbox" },
      to("b", "x@example.com"),
    ],
    [],
  ],
  [
    "behind a route for all, one that names recipients still admits them",
    [{ name: "all", to: "inbox" }, to("b", "x@example.com")],
    [],
  ],
  [
    "one that names none does nothing there",
    [{ name: "all", to: "inbox" }, to("b", "x@example.com"), { name: "c", drop: "x" }],
    [never(2, "c", '"all"')],
  ],
  [
    "no size is both",
    [to("rest", "*@b.test"), { name: "b", when: { minSize: 2, maxSize: 1 }, drop: "x" }],
    ['routes[1] "b" never matches: no size is at least 2 and at most 1'],
  ],
  ["one size is", [to("rest", "*@b.test"), { name: "b", when: { minSize: 2, maxSize: 2 }, drop: "x" }], []],
  [
    "no mail is larger than may come",
    [to("rest", "*@b.test"), { name: "b", when: { minSize: 41_943_041 }, drop: "x" }],
    ['routes[1] "b" never matches: no mail is larger than limits.messageMaxSizeBytes, 41943040'],
  ],
  [
    "as large as may come one can be",
    [to("rest", "*@b.test"), { name: "b", when: { minSize: 41_943_040 }, drop: "x" }],
    [],
  ],
  [
    "without a trusted sealer dmarc is never arc",
    [to("rest", "*@b.test"), { name: "b", when: { dmarc: "arc" }, drop: "x" }],
    ['routes[1] "b" never matches: dmarc is arc only where validate.trustedArcSealers names someone'],
  ],
  [
    "it may be something else",
    [to("rest", "*@b.test"), { name: "b", when: { dmarc: ["arc", "pass"] }, drop: "x" }],
    [],
  ],
  [
    "who is admitted for what only the message tells may end without a route",
    [{ name: "a", when: { recipient: "a@b.test", hasAttachments: true }, to: "inbox" }],
    [
      'routes[0] "a" admits a@b.test, and its mail that fails the other conditions has no route: it becomes a dead letter; add a last route for that recipient',
    ],
  ],
  [
    "not when a later route takes the rest",
    [
      { name: "a", when: { recipient: "a@b.test", not: { spf: "fail" } }, to: "inbox" },
      to("rest", "*@b.test"),
    ],
    [],
  ],
  [
    "what RCPT tells is told there",
    [{ name: "a", when: { recipient: "a@b.test", tls: true }, to: "inbox" }],
    [],
  ],
];

for (const [sentence, routes, expected] of rows) {
  test(sentence, () => assert.deepEqual(warningsOf(...routes), expected));
}

test("with a trusted sealer dmarc may be arc", () => {
  const config = written({
    routes: [to("rest", "*@b.test"), { name: "b", when: { dmarc: "arc" }, to: "helpdesk" }],
    validate: { trustedArcSealers: ["lists.test"] },
  });
  assert.deepEqual(configWarnings(parseConfig(config)), []);
});

test("an endpoint that no route names gets no mail", () => {
  assert.deepEqual(configWarnings(parseConfig(written())), [
    "endpoints.helpdesk gets no mail: no route names it",
  ]);
});

test("so many patterns are compared, and no more", () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `a${index}@b.test`);
  const routes = Array.from({ length: comparedPatternsMax / 100 }, (_, index) => to(`r${index}`, names(100)));
  assert.equal(warningsOf(...routes).length, routes.length - 1);
  assert.deepEqual(warningsOf(...routes, to("more", "x@b.test")), [
    `${comparedPatternsMax + 1} recipient patterns: too many to compare`,
  ]);
});

test("a pattern that covers another matches whatever that one matches", () => {
  const side = fc
    .array(fc.constantFrom("a", "b", "*", "{x}"), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(""));
  const other = side.map((text) => text.replace("{x}", "{y}"));
  const pattern = fc.oneof(
    fc.constant("*"),
    fc.tuple(side, other).map((sides) => sides.join("@")),
  );
  const letters = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
  let covered = 0;
  fc.assert(
    fc.property(
      pattern,
      pattern,
      fc.array(fc.tuple(letters, letters), { minLength: 20 }),
      (wide, narrow, addresses) => {
        if (!covers(wide, narrow)) return;
        for (const address of addresses.map((sides) => sides.join("@"))) {
          if (matchAddress(narrow, address) === null) continue;
          covered++;
          assert.notEqual(matchAddress(wide, address), null, `${wide} ${narrow} ${address}`);
        }
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(covered > 1000, `only ${covered}`);
});
