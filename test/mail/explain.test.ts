import assert from "node:assert/strict";
import { test } from "node:test";
import { explain } from "../../functions/mail/explain.ts";
import { withRoutes } from "./config.ts";
import { explained } from "./explained.ts";
import { attachment, validated } from "./message.ts";

const config = withRoutes(
  { name: "spoofed", when: { dmarc: ["fail", "temperror"] }, quarantine: "DMARC failed" },
  { name: "office", when: { remoteIp: "10.0.0.0/8", tls: true, mailFrom: "*@example.org" }, to: "inbox" },
  {
    name: "loops",
    when: { kind: "bounce", not: { from: "*@example.com", subject: "*invoice*" } },
    drop: "a loop",
  },
  {
    name: "large",
    when: { minSize: 500, maxSize: 2000, attachmentType: "image/*", hasAttachments: true },
    to: "inbox",
  },
  {
    name: "signed",
    when: { spf: "pass", dkim: "pass", arc: "none", header: { "X-Tag": "third" } },
    to: "inbox",
  },
  { name: "replies", when: { recipient: "reply+{ticket}@example.com" }, to: "helpdesk" },
  { name: "rest", when: { recipient: ["*@example.com", "*@b.test"] }, to: "inbox" },
);

const message = validated({
  envelope: { rcptTo: ["reply+42@example.com", "Postmaster"] },
  attachments: [attachment()],
});

test("every route, every condition, what it asks for, what it saw, and whether it took the mail", () => {
  const [explanation, ...others] = explain(message, config);
  assert.equal(others.length, 1);
  assert.ok(explanation !== undefined);
  assert.equal(explanation.recipient, "reply+42@example.com");
  assert.deepEqual(explanation.decisions, [
    { kind: "deliver", route: "replies", endpoints: ["helpdesk"], captures: { ticket: "42" } },
  ]);
  assert.deepEqual(explained(explanation), [
    "spoofed: no",
    "  dmarc fail|temperror ? none = no",
    "office: no",
    "  mailFrom *@example.org ? ann@example.org = yes",
    "  remoteIp 10.0.0.0/8 ? 192.0.2.7 = no",
    "  tls true ? false = no",
    "loops: no",
    "  kind bounce ?  = no",
    "  not (from *@example.com ? ann@example.org = no, subject *invoice* ? Your invoice = yes) = yes",
    "large: no",
    "  minSize 500 ? 1000 = yes",
    "  maxSize 2000 ? 1000 = yes",
    "  hasAttachments true ? true = yes",
    "  attachmentType image/* ? application/pdf = no",
    "signed: no",
    "  header X-Tag third ? first|second = no",
    "  spf pass ? pass = yes",
    "  dkim pass ? none = no",
    "  arc none ? none = yes",
    "replies: yes, taken",
    "  recipient reply+{ticket}@example.com ? reply+42@example.com = yes ticket=42",
    "rest: yes",
    "  recipient *@example.com|*@b.test ? reply+42@example.com = yes",
    "postmaster: no",
    "  recipient postmaster@mx.example.com|postmaster@example.com|postmaster@b.test ? reply+42@example.com = no",
  ]);
});

test("bare postmaster is shown as the mailbox it stands for", () => {
  const explanation = explain(message, config)[1];
  assert.equal(explanation?.recipient, "Postmaster");
  assert.equal(
    explained(explanation).at(-1),
    "  recipient postmaster@mx.example.com|postmaster@example.com|postmaster@b.test ? Postmaster@mx.example.com = yes",
  );
});

test("what cannot be read is unknown, and takes nothing", () => {
  const [explanation] = explain({ ...message, isParsed: false }, config);
  assert.ok(explanation !== undefined);
  assert.deepEqual(explained(explanation).slice(6, 14), [
    "loops: unknown",
    "  kind bounce ? - = unknown",
    "  not (from *@example.com ? - = unknown, subject *invoice* ? - = unknown) = unknown",
    "large: unknown",
    "  minSize 500 ? 1000 = yes",
    "  maxSize 2000 ? 1000 = yes",
    "  hasAttachments true ? - = unknown",
    "  attachmentType image/* ? - = unknown",
  ]);
});
