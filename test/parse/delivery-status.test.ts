import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLimits } from "../../functions/parse/parse-limits.ts";
import { bouncesOf, failed, fields, original, report } from "./bounces.ts";

const reports: [sentence: string, fields: string, expected: object[] | null][] = [
  [
    "every field of a recipient is read",
    "Original-Recipient: rfc822; alias@far.test\n" +
      fields(
        "Action: failed\nStatus: 5.1.1 (bad mailbox)\nRemote-MTA: dns; mx.far.test\n" +
          "Diagnostic-Code: smtp; 550 5.1.1\n  no such user\nLast-Attempt-Date: Fri, 2 Jan 2026 04:04:05 +0100",
      ),
    [
      {
        action: "failed",
        status: "5.1.1",
        recipient: "alias@far.test",
        finalRecipient: "lost@far.test",
        diagnostic: "550 5.1.1  no such user",
        remoteMta: "mx.far.test",
        reportingMta: "relay.test",
        arrivedAt: "2026-01-02T02:04:05.000Z",
        lastAttemptAt: "2026-01-02T03:04:05.000Z",
        willRetryUntil: null,
        envelopeId: "QQ314159",
        originalMessageId: "<m1@client.test>",
      },
    ],
  ],
  [
    "a report of a delay says until when",
    fields("Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: Sat, 3 Jan 2026 04:04:05 +0100"),
    [{ action: "delayed", willRetryUntil: "2026-01-03T03:04:05.000Z" }],
  ],
  [
    "a date that is none is left out",
    fields("Action: failed\nLast-Attempt-Date: yesterday"),
    [{ action: "failed", lastAttemptAt: null }],
  ],
  [
    "the address that the sender wrote counts",
    `Original-Recipient: rfc822;alias@far.test\n${fields("Action: failed\nStatus: 5.1.1")}`,
    [{ ...failed, recipient: "alias@far.test" }],
  ],
  [
    "an address in UTF-8 (RFC 6533)",
    "Final-Recipient: utf-8; gr\\x{FC}n@far.test\nAction: failed\nStatus: 5.1.1\n",
    [{ ...failed, recipient: "grün@far.test" }],
  ],
  [
    "each recipient is an entry",
    `${fields("Action: failed\nStatus: 5.1.1")}\n${fields("Action: delayed\nStatus: 4.4.1")}`,
    [failed, { action: "delayed", status: "4.4.1", recipient: "lost@far.test" }],
  ],
  [
    "also where the blank line between them is missing",
    fields("Action: failed\nStatus: 5.1.1") + fields("Action: failed\nStatus: 5.2.2"),
    [failed, { ...failed, status: "5.2.2" }],
  ],
  [
    "who got the mail is no bounce beside who did not",
    `${fields("Action: relayed\nStatus: 2.0.0")}\n${fields("Action: failed\nStatus: 5.1.1")}`,
    [failed],
  ],
  ["a report of success is none", fields("Action: delivered\nStatus: 2.0.0"), null],
  ["nor is one that a program words oddly", fields("Action: deliverable\nStatus: 2.1.5"), null],
  ["without an action the status says it", fields("Status: 4.2.2"), [{ action: "delayed", status: "4.2.2" }]],
  [
    "a status that says nothing gives way to the server's",
    fields("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 5.2.2 full"),
    [{ ...failed, status: "5.2.2" }],
  ],
  [
    "but not to one of another class",
    fields("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 452 4.2.2 full"),
    [{ ...failed, status: "5.0.0" }],
  ],
  [
    "an address of the network is no status",
    fields("Action: failed\nDiagnostic-Code: smtp; 550 from 5.1.1.9 refused"),
    [{ ...failed, status: "5.0.0" }],
  ],
];
for (const [sentence, lines, expected] of reports) {
  test(`a delivery status: ${sentence}`, async () => {
    const bounces = await bouncesOf(report(lines));
    if (expected === null) assert.equal(bounces, null);
    else assert.partialDeepStrictEqual(bounces, expected);
    assert.equal(bounces?.length, expected?.length);
  });
}

test("a diagnostic ends at the limit", async () => {
  const at = "x".repeat(parseLimits.diagnosticMaxLength);
  for (const written of [at, `${at}y`]) {
    const [bounce] =
      (await bouncesOf(report(fields(`Action: failed\nDiagnostic-Code: smtp; ${written}`)))) ?? [];
    assert.equal(bounce?.diagnostic, at);
  }
});

test("a server's name ends at the limit", async () => {
  const at = "x".repeat(parseLimits.mtaNameMaxLength);
  for (const written of [at, `${at}y`]) {
    const [bounce] = (await bouncesOf(report(fields(`Action: failed\nRemote-MTA: dns; ${written}`)))) ?? [];
    assert.equal(bounce?.remoteMta, at);
  }
});

test("a report's recipients end at the limit", async () => {
  const { bouncedRecipientsMax } = parseLimits;
  for (const count of [bouncedRecipientsMax, bouncedRecipientsMax + 1]) {
    const bounces = await bouncesOf(report(`${fields("Action: failed")}\n`.repeat(count)));
    assert.equal(bounces?.length, bouncedRecipientsMax);
  }
});

test("the header alone of what was returned is enough to find its id", async () => {
  const headers = `text/rfc822-headers\n\n${original}`;
  const [bounce] = (await bouncesOf(report(fields("Action: failed"), headers))) ?? [];
  assert.equal(bounce?.originalMessageId, "<m1@client.test>");
});
