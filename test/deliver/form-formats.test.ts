import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { bare, full, logo, pdf, type Row, receiveForm } from "./foreign.ts";
import { secretOf } from "./routed.ts";

// https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
// Not there: spam_score and spam_report, which only the spam check makes; email, which only "send raw" does.
const sendgrid: readonly Row[] = [
  ["headers", full.message.message.headers.map(([name, value]) => `${name}: ${value}\n`).join("")],
  ["dkim", "{@sender.example : pass}"],
  ["to", "Bob <bob+42@receiver.test>"],
  ["cc", "Eve Müller <eve@other.test>"],
  ["from", '"Doe, \\"Ann\\"" <ann@sender.example>'],
  ["subject", "Größe"],
  ["text", "Yes.\n\n> Will you?\n"],
  ["html", '<p>Yes.</p><img src="cid:logo@x">'],
  ["sender_ip", "192.0.2.1"],
  ["SPF", "pass"],
  ["envelope", '{"to":["bob+42@receiver.test","hidden@receiver.test"],"from":"ann@sender.example"}'],
  ["charsets", '{"to":"UTF-8","cc":"UTF-8","from":"UTF-8","subject":"UTF-8","text":"UTF-8","html":"UTF-8"}'],
  ["attachments", "2"],
  [
    "attachment-info",
    '{"attachment1":{"filename":"logo.png","name":"logo.png","type":"image/png","content-id":"logo@x"},' +
      '"attachment2":{"filename":"a\\"b.pdf","name":"a\\"b.pdf","type":"application/pdf; x"}}',
  ],
  ["content-ids", '{"logo@x":"attachment1"}'],
];

// https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http
const mailgun: readonly Row[] = [
  ["recipient", "bob+42@receiver.test,hidden@receiver.test"],
  ["sender", "ann@sender.example"],
  ["from", '"Doe, \\"Ann\\"" <ann@sender.example>'],
  ["subject", "Größe"],
  ["body-plain", "Yes.\n\n> Will you?\n"],
  ["body-html", '<p>Yes.</p><img src="cid:logo@x">'],
  ["stripped-html", '<p>Yes.</p><img src="cid:logo@x">'],
  ["stripped-text", "Yes."],
  ["stripped-signature", "Ann"],
  ["message-headers", JSON.stringify(full.message.message.headers)],
  ["attachment-count", "2"],
  ["content-id-map", '{"<logo@x>":"attachment-1"}'],
];
const mailgunOwn = ["timestamp", "token", "signature"];
const mailgunHeaders = ["Received", "Message-Id", "Date", "Signature", "__proto__"];

test("sendgrid: every documented field is there, and no other", async () => {
  const { contentType, form } = await receiveForm("sendgrid", full);
  assert.match(contentType, /^multipart\/form-data; boundary=/);
  for (const [field, expected] of sendgrid) assert.deepEqual(form.getAll(field), [expected], field);
  const files = ["attachment1", "attachment2"];
  assert.deepEqual(new Set(form.keys()), new Set([...sendgrid.map(([field]) => field), ...files]));
  await assertFiles(form, files);
});

test("mailgun: every documented field is there, and no other", async () => {
  const { contentType, form } = await receiveForm("mailgun", full);
  assert.match(contentType, /^multipart\/form-data; boundary=/);
  for (const [field, expected] of mailgun) assert.deepEqual(form.getAll(field), [expected], field);
  const files = ["attachment-1", "attachment-2"];
  const expected = [...mailgun.map(([field]) => field), ...mailgunOwn, ...mailgunHeaders, ...files];
  assert.deepEqual(new Set(form.keys()), new Set(expected));
  assert.deepEqual(form.getAll("Received"), ["one", "two"]);
  await assertFiles(form, files);
});

async function assertFiles(form: FormData, names: readonly string[]) {
  const files = names.map((name) => form.get(name)).filter((value) => value instanceof File);
  assert.deepEqual(
    files.map(({ name, type }) => [name, type]),
    [
      ["logo.png", "image/png"],
      ['a"b.pdf', "application/octet-stream"],
    ],
  );
  const contents = await Promise.all(files.map(async (one) => Buffer.from(await one.arrayBuffer())));
  assert.deepEqual(contents, [logo, pdf]);
}

test("sendgrid: what the mail does not have is not there", async () => {
  const { form } = await receiveForm("sendgrid", bare);
  assert.deepEqual(
    [...form.keys()],
    ["headers", "dkim", "to", "from", "subject", "sender_ip", "SPF", "envelope", "charsets", "attachments"],
  );
  assert.deepEqual([form.get("dkim"), form.get("attachments")], ["none", "0"]);
});

test("mailgun: without attachments it is a form", async () => {
  const { contentType, form } = await receiveForm("mailgun", bare);
  assert.equal(contentType, "application/x-www-form-urlencoded");
  assert.ok(["body-plain", "stripped-text", "recipient", "signature"].every((field) => form.has(field)));
  assert.ok(!["body-html", "attachment-count", "content-id-map"].some((field) => form.has(field)));
});

test("mailgun: it is signed as there, and no header of the mail passes for the signature", async () => {
  const { form } = await receiveForm("mailgun", full);
  const [timestamp, token] = [String(form.get("timestamp")), String(form.get("token"))];
  assert.equal(token.length, 50);
  const expected = createHmac("sha256", secretOf(1))
    .update(timestamp + token)
    .digest("hex");
  assert.deepEqual([form.getAll("signature"), form.get("Signature")], [[expected], "forged"]);
});
