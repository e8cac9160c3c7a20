import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../functions/mail/kind.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { parseData } from "./parse-data.ts";

const kindOf = async (mail: string, mailFrom: string | null = "bo@client.test") =>
  (await parseData(Buffer.from(mail), createMemoryStore(), mailFrom)).kind;

const from = "From: Bo <bo@client.test>\r\nTo: ada@mx.test\r\n";

const automatic: [sentence: string, header: string, expected: Kind["automatic"], mailFrom?: null][] = [
  ["a letter is not", "Subject: Hello", "no"],
  ["nor one about an office", "Subject: Out of paper in the office", "no"],
  ["nor one of a list, whatever its subject", "List-Id: <l.test>\r\nSubject: Out of office", "no"],
  ["nor one that says no", "Auto-Submitted: no\r\nSubject: Out of office", "no"],
  ["the null reverse-path is nobody's", "Subject: Hello", "auto-generated", null],
  ["who wants no automatic answer is a program", "X-Auto-Response-Suppress: All", "auto-generated"],
  ["an automatic reply says so in its subject", "Subject: Automatic reply: Hello", "auto-replied"],
  ["in German", "Subject: Automatische Antwort: Hallo", "auto-replied"],
  ["in French", "Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_Bonjour?=", "auto-replied"],
  ["in Japanese", "Subject: 自動返信: こんにちは", "auto-replied"],
  ["who is away is on vacation", "Subject: Out of Office: Hello", "vacation"],
  ["in Spanish", "Subject: Fuera de la oficina", "vacation"],
  [
    "and where the field says only that it is a reply",
    "Auto-Submitted: auto-replied\r\nSubject: Abwesenheitsnotiz",
    "vacation",
  ],
];
for (const [sentence, header, expected, mailFrom] of automatic) {
  test(`automatic: ${sentence}`, async () => {
    const kind = await kindOf(`${from}${header}\r\n\r\nText.`, mailFrom);
    assert.equal(kind.automatic, expected);
  });
}

/** A report in three parts (RFC 6522). */
const report = (type: string, fields: string, returned = "Message-ID: <m1@mx.test>\nSubject: Offer\n") =>
  `${from}Subject: Report\r\nContent-Type: multipart/report; report-type=${type}; boundary=b\r\n\r\n` +
  `--b\n\nWords.\n--b\nContent-Type: message/${type}\n\n${fields}\n` +
  `--b\nContent-Type: message/rfc822\n\n${returned}\n--b--\n`;

const feedback = {
  type: "abuse",
  recipients: [],
  sourceIp: null,
  arrivedAt: null,
  originalMessageId: "<m1@mx.test>",
};
const complaints: [sentence: string, mail: string, expected: Kind["feedback"]][] = [
  [
    "every field that the webhook has",
    report(
      "feedback-report",
      "Feedback-Type: Abuse\nVersion: 1\nOriginal-Rcpt-To: <one@far.test>\nOriginal-Rcpt-To: two@far.test\n" +
        "Arrival-Date: Fri, 02 Jan 2026 03:04:05 +0100\nSource-IP: 192.0.2.9\n",
    ),
    {
      ...feedback,
      recipients: ["one@far.test", "two@far.test"],
      sourceIp: "192.0.2.9",
      arrivedAt: "2026-01-02T02:04:05.000Z",
    },
  ],
  [
    "a report that does not say what it is about",
    report("feedback-report", "Version: 1\n"),
    { ...feedback, type: "other" },
  ],
  [
    "a complaint that is the message and its address alone",
    `From: staff@far.test\r\nSubject: complaint about message from 192.0.2.9\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n` +
      "--b\nContent-Type: message/rfc822\n\nMessage-ID: <m1@mx.test>\n\n--b--\n",
    { ...feedback, sourceIp: "192.0.2.9" },
  ],
  [
    "a letter of complaint is none",
    `${from}Subject: complaint about message from 192.0.2.9\r\n\r\nHello!`,
    null,
  ],
];
for (const [sentence, mail, expected] of complaints) {
  test(`feedback: ${sentence}`, async () => assert.deepEqual((await kindOf(mail)).feedback, expected));
}

const read = "Final-Recipient: rfc822; bo@client.test\nDisposition: manual-action/MDN-sent-manually; ";
const receipt = { disposition: "displayed", recipient: "bo@client.test", originalMessageId: "<m1@mx.test>" };
const receipts: [sentence: string, fields: string, expected: Kind["receipt"]][] = [
  ["a mail was shown", `${read}displayed\n`, receipt],
  ["or deleted unread", `${read}deleted/error\n`, { ...receipt, disposition: "deleted" }],
  [
    "the id that the report states counts",
    `${read}displayed\nOriginal-Message-ID: <m0@mx.test>\n`,
    { ...receipt, originalMessageId: "<m0@mx.test>" },
  ],
  ["a report that says nothing is none", "Reporting-UA: x\n", null],
];
for (const [sentence, fields, expected] of receipts) {
  test(`receipt: ${sentence}`, async () => {
    const kind = await kindOf(report("disposition-notification", fields));
    assert.deepEqual(kind.receipt, expected);
    assert.equal(kind.bounce, null);
  });
}
