import assert from "node:assert/strict";
import { test } from "node:test";

import {
  type Decision,
  judgeRecipient,
  matchRecipient,
  type RecipientFacts,
} from "../../functions/mail/match.ts";
import { withRoutes } from "./config.ts";
import { type Differences, validated } from "./message.ts";

const rest = { name: "rest", when: { recipient: "*@example.com" }, to: "inbox" };
const gone = { name: "gone", when: { recipient: "old@example.com" }, reject: "Gone" };
const blocked = { name: "blocked", when: { remoteIp: "192.0.2.0/24" }, reject: "Blocked" };
const spoofed = { name: "spoofed", when: { dmarc: "fail" }, quarantine: "DMARC failed" };
const archive = { name: "archive", when: { recipient: "*@example.com" }, to: "helpdesk", continue: true };
const office = { name: "office", when: { remoteIp: "192.0.2.0/24" }, to: "helpdesk" };
const invoices = {
  name: "invoices",
  when: { recipient: "billing@example.com", hasAttachments: true },
  to: "helpdesk",
};
const all = { name: "all", to: "inbox" };

const client: Omit<RecipientFacts, "recipient"> = {
  mailFrom: "ann@example.org",
  remoteIp: "192.0.2.7",
  isTls: false,
};

const atRcpt: readonly (readonly [string, readonly object[], string, string])[] = [
  ["a recipient that a route names is known", [rest], "a@example.com", "accept"],
  ["another is not", [rest], "a@example.org", "unknown"],
  ["a route that names none admits nobody", [rest, spoofed, all], "a@example.org", "unknown"],
  ["nor does one that matches every client", [rest, office], "a@example.org", "unknown"],
  [
    "what only the message can tell may still match",
    [invoices, { ...rest, when: { recipient: "x@a.test" } }],
    "billing@example.com",
    "accept",
  ],
  [
    "a client that cannot match is not admitted",
    [{ ...rest, when: { recipient: "*@example.com", tls: true } }],
    "a@example.com",
    "unknown",
  ],
  ["a reject answers", [gone, rest], "old@example.com", "Gone"],
  ["a reject is for whom it matches", [gone, rest], "a@example.com", "accept"],
  ["a reject by client answers for every recipient", [blocked, rest], "a@example.org", "Blocked"],
  ["a reject behind a route that takes the mail does not", [rest, gone], "old@example.com", "accept"],
  [
    "nor behind one that could",
    [{ ...invoices, when: { recipient: "old@example.com", spf: "pass" } }, gone, rest],
    "old@example.com",
    "accept",
  ],
  ["nor behind one that takes all of this client's", [office, gone, rest], "old@example.com", "accept"],
  ["what refines by content stands in no reject's way", [spoofed, gone, rest], "old@example.com", "Gone"],
  ["nor does a route that goes on", [archive, gone, rest], "old@example.com", "Gone"],
  ["a route that goes on admits", [archive], "a@example.com", "accept"],
  ["an unknown recipient is unknown behind a reject for another", [gone, rest], "old@example.org", "unknown"],
  [
    "postmaster is known at the host",
    [gone, { ...rest, when: { recipient: "a@b.test" } }],
    "postmaster@mx.example.com",
    "accept",
  ],
  ["in any case", [rest], "PostMaster@MX.example.com", "accept"],
  ["and alone", [rest], "Postmaster", "accept"],
  ["and in quotes", [rest], '"postmaster"@mx.example.com', "accept"],
  [
    "and at every domain that a route spells out",
    [{ ...rest, when: { recipient: "a@b.test" } }],
    "postmaster@b.test",
    "accept",
  ],
  [
    "not at one with a wildcard",
    [{ ...rest, when: { recipient: "a@*.b.test" } }],
    "postmaster@x.b.test",
    "unknown",
  ],
  [
    "nor at one that is only rejected",
    [rest, { ...gone, when: { recipient: "a@c.test" } }],
    "postmaster@c.test",
    "unknown",
  ],
  [
    "no reject answers for postmaster",
    [blocked, { ...gone, when: { recipient: "*@example.com" } }, rest],
    "postmaster@example.com",
    "accept",
  ],
];

for (const [sentence, routes, recipient, expected] of atRcpt) {
  test(`RCPT: ${sentence}: ${recipient}`, () => {
    const verdict = judgeRecipient({ ...client, recipient }, withRoutes(...routes));
    assert.equal(verdict.kind === "reject" ? verdict.text : verdict.kind, expected);
  });
}

/** A decision in one line. */
function show(decision: Decision): string {
  if (decision.kind !== "deliver") return `${decision.kind} by ${decision.route}: ${decision.reason}`;
  const captures = Object.entries(decision.captures).map(([name, value]) => `${name}=${value}`);
  return [`${decision.route} to ${decision.endpoints.join("+")}`, ...captures].join(" ");
}

const failed: Differences = { auth: { dmarc: { result: "fail", policy: "reject", domain: "example.org" } } };
const replies = {
  name: "replies",
  when: { recipient: ["reply+{ticket}@example.com", "r-{ticket}@example.com"] },
  to: ["inbox", "helpdesk"],
};
const late = "a reject comes too late for accepted mail";

const onMessage: readonly (readonly [string, readonly object[], Differences, string, readonly string[]])[] = [
  ["the first that matches takes it", [replies, rest], {}, "a@example.com", ["rest to inbox"]],
  [
    "what a pattern captures comes with it",
    [replies, rest],
    {},
    "Reply+AbC@example.com",
    ["replies to inbox+helpdesk ticket=AbC"],
  ],
  [
    "the pattern that matches captures",
    [replies, rest],
    {},
    "r-7@example.com",
    ["replies to inbox+helpdesk ticket=7"],
  ],
  [
    "continue tries the next as well",
    [archive, replies, rest],
    {},
    "r-7@example.com",
    ["archive to helpdesk", "replies to inbox+helpdesk ticket=7"],
  ],
  ["continue alone is enough", [archive], {}, "a@example.com", ["archive to helpdesk"]],
  ["a quarantine ends it", [spoofed, rest], failed, "a@example.com", ["quarantine by spoofed: DMARC failed"]],
  ["unless something else holds", [spoofed, rest], {}, "a@example.com", ["rest to inbox"]],
  [
    "a drop ends it",
    [{ name: "loops", drop: "a loop" }, rest],
    {},
    "a@example.com",
    ["drop by loops: a loop"],
  ],
  [
    "what no route takes is unrouted",
    [invoices],
    {},
    "billing@example.com",
    ["unrouted by null: no route matches"],
  ],
  [
    "what cannot be read matches no content",
    [invoices, rest],
    { isParsed: false },
    "billing@example.com",
    ["rest to inbox"],
  ],
  [
    "a reject comes too late, and hides no mail",
    [gone, rest],
    {},
    "old@example.com",
    [`unrouted by gone: ${late}`],
  ],
  ["it ends what a continue began", [archive, gone, rest], {}, "old@example.com", ["archive to helpdesk"]],
  ["postmaster has the last route", [invoices], {}, "postmaster@mx.example.com", ["postmaster to inbox"]],
  ["bare postmaster as well", [invoices], {}, "POSTMASTER", ["postmaster to inbox"]],
  [
    "an earlier route may take postmaster's",
    [{ ...rest, to: "helpdesk" }],
    {},
    "postmaster@example.com",
    ["rest to helpdesk"],
  ],
  ["no reject ends postmaster's", [blocked, invoices], {}, "postmaster@example.com", ["postmaster to inbox"]],
];

for (const [sentence, routes, differences, recipient, expected] of onMessage) {
  test(`message: ${sentence}: ${recipient}`, () => {
    const decisions = matchRecipient(recipient, validated(differences), withRoutes(...routes));
    assert.deepEqual(decisions.map(show), expected);
  });
}
