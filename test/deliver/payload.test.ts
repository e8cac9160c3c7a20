import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as z from "zod";
import { createPayload, MailReceived, urlLifetimeMs } from "../../functions/deliver/payload.ts";
import type { RoutedMessage, ValidatedMessage } from "../../functions/mail/messages.ts";
import {
  webhookJsonSchema,
  webhookPage,
  webhookPagePath,
  webhookSchemaPath,
  webhookSchemaText,
} from "../../infra/docs/webhook.ts";
import { parsedMessage } from "../validate/mail.ts";
import { routedMessage, validatedMessage } from "./routed.ts";

const nowMs = Date.parse("2026-01-02T03:05:00.000Z");
const deps = {
  urls: {
    sign: async (key: string, expiresAtMs: number) => `https://store.test/${key}?expires=${expiresAtMs}`,
  },
  now: () => nowMs,
};
const expires = nowMs + urlLifetimeMs;
const urlExpiresAt = "2026-01-09T03:05:00.000Z";

const { message, raw } = parsedMessage();
const address = { address: "ann@sender.example", name: null, domain: "sender.example" };
const attachment = {
  key: "attachments/57/1/0",
  filename: "a.pdf",
  originalFilename: "../a.pdf",
  contentType: "application/pdf",
  sizeBytes: 3,
  sha256: "ff",
  disposition: "attachment",
  contentId: null,
} as const;

const full: ValidatedMessage = validatedMessage({
  envelope: {
    ...parsedMessage().envelope,
    mailFrom: null,
    tls: { version: "TLSv1.3", cipher: "c" },
    auth: "ann",
  },
  message: {
    ...message,
    sender: address,
    replyTo: [address],
    headers: [
      ["A", "1"],
      ["A", "2"],
    ],
    bodyTruncated: true,
  },
  bodyKey: "bodies/57/1.json",
  reply: { text: "Yes.", quoted: "> ?", signature: null },
  kind: {
    automatic: "vacation",
    bounce: [
      {
        action: "failed",
        status: "5.1.1",
        recipient: "x@y.test",
        finalRecipient: null,
        diagnostic: null,
        remoteMta: null,
        reportingMta: null,
        arrivedAt: null,
        lastAttemptAt: null,
        willRetryUntil: null,
        envelopeId: null,
        originalMessageId: null,
      },
    ],
    feedback: {
      type: "abuse",
      recipients: ["x@y.test"],
      sourceIp: null,
      arrivedAt: null,
      originalMessageId: null,
    },
    receipt: { disposition: "displayed", recipient: "x@y.test", originalMessageId: null },
    list: { id: "l.test", unsubscribe: ["https://l.test/u"], oneClick: true },
    calendar: { method: "REQUEST", uid: "1", start: null, end: null, summary: null },
    encrypted: "pgp",
    signed: "smime",
  },
  attachments: [attachment],
  warnings: [{ code: "charset", detail: "?" }],
});

const payloadOf = (changes: Partial<RoutedMessage>) => createPayload(routedMessage(changes), deps);

const rows: readonly [string, Partial<RoutedMessage>, object][] = [
  [
    "a mail is mail.received, with the time of its 250",
    {},
    { type: "mail.received", timestamp: "2026-01-02T03:04:05.678Z" },
  ],
  [
    "a mail whose MIME could not be read is mail.unparsed",
    { message: validatedMessage({ isParsed: false }) },
    { type: "mail.unparsed" },
  ],
  [
    "the raw mail has a URL, and says where it lies",
    {},
    {
      data: {
        raw: {
          url: `https://store.test/${raw.key}?expires=${expires}`,
          urlExpiresAt,
          sizeBytes: raw.sizeBytes,
          sha256: "00",
          bucket: "memory",
          key: raw.key,
        },
      },
    },
  ],
  ["a body that is whole has no URL", {}, { data: { message: { bodyTruncated: false, bodyUrl: null } } }],
  [
    "a body that is cut has a URL",
    { message: full },
    {
      data: {
        message: { bodyTruncated: true, bodyUrl: `https://store.test/bodies/57/1.json?expires=${expires}` },
      },
    },
  ],
  [
    "duplicate headers stay, in order",
    { message: full },
    {
      data: {
        message: {
          headers: [
            ["A", "1"],
            ["A", "2"],
          ],
        },
      },
    },
  ],
  [
    "recipients are those of this delivery",
    {},
    {
      data: {
        recipients: [{ address: "reply+42@receiver.test", route: "replies", captures: { ticket: "42" } }],
      },
    },
  ],
  [
    "a replay says so",
    { replay: { at: "2026-01-03T00:00:00Z", reason: "lost" } },
    { data: { replay: { at: "2026-01-03T00:00:00Z", reason: "lost" } } },
  ],
  ["what is no replay is null", {}, { data: { replay: null } }],
];

for (const [sentence, changes, expected] of rows)
  test(`payload: ${sentence}`, async () => assert.partialDeepStrictEqual(await payloadOf(changes), expected));

test("payload: an attachment has a URL in place of its key", async () => {
  const { key, ...rest } = attachment;
  const { data } = await payloadOf({ message: full });
  assert.deepEqual(data.attachments, [
    { ...rest, url: `https://store.test/${key}?expires=${expires}`, urlExpiresAt },
  ]);
});

for (const [sentence, validated] of [
  ["the plainest mail", validatedMessage()],
  ["a mail with everything", full],
] as const)
  test(`payload: ${sentence} is what the schema says, and nothing more`, async () => {
    const payload = await payloadOf({ message: validated });
    assert.deepEqual(MailReceived.parse(payload), payload);
    assert.deepEqual(JSON.parse(JSON.stringify(payload)), payload);
  });

type JsonSchema = z.core.JSONSchema.BaseSchema;
const isSchema = (value: unknown): value is JsonSchema => typeof value === "object" && value !== null;

/** Every schema with fields in a schema, with where it is. */
function objectsIn(schema: JsonSchema, path = "body"): [path: string, object: JsonSchema][] {
  const below = Object.entries(schema).flatMap(([name, child]) =>
    isSchema(child) ? objectsIn(child, `${path}.${name}`) : [],
  );
  return schema.properties === undefined ? below : [[path, schema], ...below];
}

test("no field is ever missing, and each is described", () => {
  const objects = objectsIn(webhookJsonSchema());
  assert.ok(objects.length > 20);
  for (const [path, { properties = {}, required }] of objects) {
    assert.deepEqual(required, Object.keys(properties), path);
    for (const [name, field] of Object.entries(properties))
      assert.match(typeof field === "object" ? (field.description ?? "") : "", /\.$/, `${path}.${name}`);
  }
});

test("no list may be null, bounce reports aside", () => {
  const lists = objectsIn(webhookJsonSchema()).flatMap(([, { properties = {} }]) =>
    Object.entries(properties).filter(([, field]) =>
      /"anyOf":\[\{"type":"array"/.test(JSON.stringify(field).slice(0, 60)),
    ),
  );
  assert.deepEqual(
    lists.map(([name]) => name),
    ["bounce"],
  );
});

test("the committed JSON Schema is the one that the schema makes", async () => {
  assert.equal(await readFile(webhookSchemaPath, "utf8"), webhookSchemaText());
});

test("the committed page has the tables that the schema makes", async () => {
  const page = await readFile(webhookPagePath, "utf8");
  assert.equal(page, webhookPage(page));
});

test("JSON Schema and zod agree on what a payload is", async () => {
  const payload: unknown = await payloadOf({ message: full });
  const fromJson = z.fromJSONSchema(JSON.parse(webhookSchemaText()));
  assert.ok(fromJson.safeParse(payload).success);
  assert.ok(!fromJson.safeParse({ ...Object(payload), timestamp: null }).success);
});
