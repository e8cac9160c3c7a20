import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOut } from "../../functions/aws/claim-check.ts";
import type { HandlerDeps } from "../../functions/aws/stage.ts";
import { abandonedMetadata } from "../../functions/mail/envelope-block.ts";
import { rawKey } from "../../functions/mail/keys.ts";
import { ParsedMessage } from "../../functions/mail/messages.ts";
import type { ObjectStore, OutgoingMessage, Queue } from "../../functions/mail/ports.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { createParseHandler } from "../../functions/parse/handler.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { id, storeRaw } from "./parse-data.ts";

const data = Buffer.from("From: a@b.test\r\nSubject: Hi\r\nDate: never\r\n\r\ntext\r\n");
const parts = "--b\r\n\r\n\r\n".repeat(1001);
const tooMany = Buffer.from(`From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts}`);

function created(key: string, eventName = "ObjectCreated:Put", bucket = "memory") {
  const s3 = { bucket: { name: bucket }, object: { key, size: 1, eTag: "0", sequencer: "0" } };
  return { eventSource: "aws:s3", eventName, s3 };
}

const replay = { at: "2026-03-01T00:00:00.000Z", reason: "lost", route: "rest" };

const bodyOf = (...records: object[]) => JSON.stringify({ Records: records });

/** Runs the handler over one queue body, and tells what came of it. */
async function run(body: string, changes: Partial<ObjectStore> = {}, stored = data) {
  const store = createMemoryStore();
  await storeRaw(stored, store);
  const sent = new Map<string, OutgoingMessage[]>();
  const events: StageEvent[] = [];
  const queue = (name: string): Queue => ({
    name,
    send: async (messages) => {
      sent.set(name, [...(sent.get(name) ?? []), ...messages]);
    },
    receive: async () => [],
    delete: async () => undefined,
    changeVisibility: async () => undefined,
    depth: async () => ({ visible: 0, inFlight: 0, delayed: 0 }),
  });
  const deps: HandlerDeps = {
    store: { ...store, ...changes },
    queue,
    log: (event) => events.push(event),
    now: () => 0,
  };
  const { batchItemFailures } = await createParseHandler(deps)({ Records: [sqsRecord(body)] });
  const bodies = await Promise.all(
    (sent.get("validate") ?? []).map((message) => checkOut(message.body, store)),
  );
  return {
    messages: bodies.map((json) => ParsedMessage.parse(JSON.parse(json))),
    dead: (sent.get("parse-dead") ?? []).map(({ attributes }) => attributes?.["reason"]),
    again: batchItemFailures.length,
    events,
  };
}

function sqsRecord(body: string) {
  const attributes = {
    ApproximateReceiveCount: "1",
    SentTimestamp: "0",
    SenderId: "s3",
    ApproximateFirstReceiveTimestamp: "0",
  };
  const source = {
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:1:parse",
    awsRegion: "eu-west-1",
  };
  return {
    messageId: "1",
    receiptHandle: "1",
    body,
    attributes,
    messageAttributes: {},
    md5OfBody: "",
    ...source,
  };
}

const key = `raw/ab/${id}.eml`;

test("a replay stays one on its way", async () => {
  const body = JSON.stringify({ Records: [created(rawKey(id), "ObjectCreated:Replay")], replay });
  const { messages } = await run(body);
  assert.deepEqual(messages[0]?.replay, replay);
  assert.equal((await run(bodyOf(created(rawKey(id))))).messages[0]?.replay, undefined);
});

test("a stored message goes on parsed, and one event says so", async () => {
  const { messages, dead, again, events } = await run(bodyOf(created(key)));
  assert.deepEqual([messages.length, dead.length, again], [1, 0, 0]);
  assert.equal(messages[0]?.message.subject, "Hi");
  assert.deepEqual(events, [
    {
      at: "1970-01-01T00:00:00.000Z",
      stage: "parse",
      id,
      outcome: "parsed",
      durationMs: 0,
      detail: {
        subject: "Hi",
        from: "a@b.test",
        messageId: null,
        sizeBytes: data.length,
        attachments: 0,
        attachmentBytes: 0,
        bodyTruncated: false,
        warnings: 1,
        warningCodes: "date-unreadable",
      },
    },
  ]);
});

test("a message that cannot be read goes on as such", async () => {
  const { messages, events } = await run(bodyOf(created(key)), {}, tooMany);
  assert.equal(messages[0]?.isParsed, false);
  assert.equal(messages[0]?.message.from[0]?.address, "a@b.test");
  assert.equal(events[0]?.outcome, "unparsed");
});

test("keys come URL-encoded", async () => {
  const { messages } = await run(
    bodyOf(created(encodeURIComponent(key).replaceAll("%2F", "/").replace("-", "%2D"))),
  );
  assert.equal(messages.length, 1);
});

test("the mark of a message that was given up is noted, and is no dead letter", async () => {
  const mark = {
    body: (async function* () {})(),
    sizeBytes: 0,
    contentType: "application/octet-stream",
    metadata: { [abandonedMetadata]: "late" },
  };
  const { messages, dead, again, events } = await run(bodyOf(created(rawKey(id))), { get: async () => mark });
  assert.deepEqual([messages.length, dead.length, again], [0, 0, 0]);
  assert.deepEqual(
    events.map((event) => [event.id, event.outcome]),
    [[id, "abandoned"]],
  );
});

test("a notification of several objects is one of each", async () => {
  assert.equal((await run(bodyOf(created(key), created(key)))).messages.length, 2);
});

for (const [sentence, body] of [
  ["S3's test event", JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "memory" })],
  ["a removal", bodyOf(created(key, "ObjectRemoved:Delete"))],
] as const) {
  test(`${sentence} is nothing to parse`, async () => {
    const { messages, dead, again } = await run(body);
    assert.deepEqual([messages.length, dead.length, again], [0, 0, 0]);
  });
}

const dead: [sentence: string, body: string, reason: RegExp][] = [
  ["a body that is no JSON", "{", /^queue body: not JSON/],
  ["a body that is no notification", "{}", /^queue body: no S3 notification/],
  [
    "another bucket",
    bodyOf(created(key, "ObjectCreated:Put", "other")),
    /^queue body: bucket other is not memory$/,
  ],
  ["a key that is not encoded", bodyOf(created("%zz")), /^queue body: key %zz is not URL-encoded/],
  ["an object that is gone", bodyOf(created(key.replaceAll("ab", "cd"))), /: no such object$/],
];
for (const [sentence, body, reason] of dead) {
  test(`${sentence} is a dead letter with the reason`, async () => {
    const outcome = await run(body);
    assert.deepEqual([outcome.messages.length, outcome.dead.length, outcome.again], [0, 1, 0]);
    assert.match(outcome.dead[0] ?? "", reason);
  });
}

test("a store that fails makes the message come again", async () => {
  const {
    messages,
    again,
    dead: letters,
  } = await run(bodyOf(created(key)), { get: () => Promise.reject(new Error("down")) });
  assert.deepEqual([messages.length, letters.length, again], [0, 0, 1]);
});
