import assert from "node:assert/strict";
import { test } from "node:test";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import { finished, sqsEvent } from "../validate/handler-deps.ts";
import { id } from "../validate/mail.ts";
import { bare, full, logo, pdf, type Row, receiveJson } from "./foreign.ts";
import { routedMessage, validatedMessage } from "./routed.ts";
import { setUp } from "./set-up.ts";

// https://postmarkapp.com/developer/webhooks/inbound-webhook
const postmark: readonly Row[] = [
  ["FromName", 'Doe, "Ann"'],
  ["MessageStream", "inbound"],
  ["From", "ann@sender.example"],
  ["FromFull", { Email: "ann@sender.example", Name: 'Doe, "Ann"', MailboxHash: "" }],
  ["To", "Bob <bob+42@receiver.test>"],
  ["ToFull", [{ Email: "bob+42@receiver.test", Name: "Bob", MailboxHash: "42" }]],
  ["Cc", "Eve Müller <eve@other.test>"],
  ["CcFull", [{ Email: "eve@other.test", Name: "Eve Müller", MailboxHash: "" }]],
  ["Bcc", "hidden@receiver.test"],
  ["BccFull", [{ Email: "hidden@receiver.test", Name: "", MailboxHash: "" }]],
  ["OriginalRecipient", "bob+42@receiver.test"],
  ["Subject", "Größe"],
  ["MessageID", id],
  ["ReplyTo", "replies@sender.example"],
  ["MailboxHash", "42"],
  ["Date", "Fri, 02 Jan 2026 04:04:05 +0100"],
  ["TextBody", "Yes.\n\n> Will you?\n"],
  ["HtmlBody", '<p>Yes.</p><img src="cid:logo@x">'],
  ["StrippedTextReply", "Yes."],
  ["Tag", ""],
  ["Headers", full.message.message.headers.map(([Name, Value]) => ({ Name, Value }))],
  [
    "Attachments",
    [
      {
        Name: "logo.png",
        ContentType: "image/png",
        ContentLength: 4,
        ContentID: "logo@x",
        Content: logo.toString("base64"),
      },
      {
        Name: 'a"b.pdf',
        ContentType: "application/pdf; x",
        ContentLength: 15,
        ContentID: "",
        Content: pdf.toString("base64"),
      },
    ],
  ],
];

// https://docs.cloudmailin.com/http_post_formats/json_normalized/
const cloudmailin: readonly Row[] = [
  [
    "headers",
    JSON.parse(
      '{"received":["one","two"],"message_id":"<1@sender.example>","date":"Fri, 02 Jan 2026 04:04:05 +0100","signature":"forged","__proto__":"x"}',
    ),
  ],
  [
    "envelope",
    {
      to: "bob+42@receiver.test",
      recipients: ["bob+42@receiver.test", "hidden@receiver.test"],
      from: "ann@sender.example",
      helo_domain: "mta.sender.example",
      remote_ip: "192.0.2.1",
      spf: { result: "pass", domain: "sender.example" },
      tls: true,
    },
  ],
  ["plain", "Yes.\n\n> Will you?\n"],
  ["html", '<p>Yes.</p><img src="cid:logo@x">'],
  ["reply_plain", "Yes."],
  [
    "attachments",
    [
      {
        file_name: "logo.png",
        content_type: "image/png",
        size: 4,
        disposition: "inline",
        content_id: "logo@x",
        content: logo.toString("base64"),
      },
      {
        file_name: 'a"b.pdf',
        content_type: "application/pdf; x",
        size: 15,
        disposition: "attachment",
        content: pdf.toString("base64"),
      },
    ],
  ],
];

for (const [format, rows] of [
  ["postmark", postmark],
  ["cloudmailin", cloudmailin],
] as const) {
  test(`${format}: every documented field is there, and no other`, async () => {
    assert.deepEqual(await receiveJson(format, full), Object.fromEntries(rows));
  });

  test(`${format}: the plainest mail has the same fields`, async () => {
    const body = await receiveJson(format, bare);
    assert.deepEqual(
      Object.keys(body),
      rows.map(([field]) => field),
    );
    assert.ok(!JSON.stringify(body).includes("null"), "no field of theirs is ever null");
  });
}

for (const format of ["postmark", "cloudmailin"] as const)
  test(`${format}: a text that was cut in the queue is whole here`, async () => {
    const cut = routedMessage({ message: { ...validatedMessage(), bodyKey: "bodies/57/1.json" } });
    const body = await receiveJson(format, cut);
    assert.equal(body["TextBody"] ?? body["plain"], "the whole text");
  });

test("an attachment that is gone makes a dead letter", async () => {
  const { deps, observed } = setUp({ config: { helpdesk: { url: "https://a.test", format: "postmark" } } });
  assert.deepEqual(await createDeliverHandler(deps)(sqsEvent(full)), finished);
  assert.match(observed.sent.get("deliver-dead")?.[0]?.attributes?.["reason"] ?? "", /no such object/);
});
