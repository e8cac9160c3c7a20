import assert from "node:assert/strict";
import { test } from "node:test";
import type { SQSEvent } from "aws-lambda";
import { quarantineKey } from "../../functions/mail/keys.ts";
import type { OutgoingMessage, Queue } from "../../functions/mail/ports.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { createRouteHandler } from "../../functions/route/handler.ts";
import { QuarantineRecord } from "../../functions/route/quarantine.ts";
import type { RoutableMessage } from "../../functions/route/route.ts";
import { id, validated } from "../mail/message.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { config } from "./config.ts";

const nowMs = Date.parse("2026-03-01T00:00:00.000Z");

/** The stage in memory; `failing` is an outside call that fails the first time. */
function createStage(failing: string | null = null) {
  const store = createMemoryStore();
  const sent: Record<
    string,
    (OutgoingMessage & { readonly json: RoutableMessage & Record<string, unknown> })[]
  > = {};
  const events: StageEvent[] = [];
  const failures = new Set([failing]);
  const call = (name: string) => {
    if (failures.delete(name)) throw new Error(`${name} failed`);
  };
  const unused = () => assert.fail("not of this stage");
  const queue = (name: string): Queue => ({
    name,
    send: async (messages) => {
      call(`send ${name}`);
      sent[name] = [
        ...(sent[name] ?? []),
        ...messages.map((message) => ({ ...message, json: JSON.parse(message.body) })),
      ];
    },
    changeVisibility: async () => undefined,
    receive: unused,
    delete: unused,
    depth: unused,
  });
  const handler = createRouteHandler({
    store: {
      ...store,
      put: async (...given) => {
        call("put");
        return store.put(...given);
      },
      get: async (...given) => {
        call("get");
        return store.get(...given);
      },
    },
    queue,
    log: (event) => events.push(event),
    now: () => nowMs,
    config: async () => {
      call("config");
      return config;
    },
  });
  const run = (message: object) => handler(eventOf(JSON.stringify(message)));
  const held = async () => {
    const bytes = store.objects.get(quarantineKey(id))?.bytes;
    return bytes === undefined ? null : QuarantineRecord.parse(JSON.parse(bytes.toString()));
  };
  return { run, sent, events, held, store };
}

const eventOf = (body: string): SQSEvent => ({
  Records: [
    {
      messageId: "m1",
      receiptHandle: "r1",
      body,
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "0",
        SenderId: "",
        ApproximateFirstReceiveTimestamp: "0",
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "",
      awsRegion: "",
    },
  ],
});

const done = { batchItemFailures: [] };
const again = { batchItemFailures: [{ itemIdentifier: "m1" }] };
const failed = { dmarc: { result: "fail", policy: "reject", domain: "example.org" } } as const;
const mixed = validated({
  message: { subject: "Hello" },
  envelope: {
    rcptTo: ["a@example.com", "r+7@example.com", "loop@example.com", "bank@example.com", "files@example.com"],
  },
  auth: failed,
});

test("every decision is made durable, each where it belongs", async () => {
  const { run, sent, held } = createStage();
  assert.deepEqual(await run(mixed), done);
  assert.deepEqual(
    sent["deliver"]?.map(({ groupId, json }) => [groupId, json["endpoint"]]),
    [
      ["inbox", "inbox"],
      ["helpdesk", "helpdesk"],
      ["archive", "archive"],
    ],
  );
  assert.deepEqual(await held(), {
    version: 1,
    id,
    receivedAt: mixed.receivedAt,
    recipients: [{ address: "bank@example.com", route: "spoofed", reason: "DMARC failed" }],
    message: mixed,
  });
  assert.deepEqual(
    sent["route-dead"]?.map(({ json, attributes }) => ({ json, attributes })),
    [
      {
        json: {
          ...mixed,
          recipients: ["files@example.com"],
          replay: { at: "2026-01-02T03:04:05.679Z", reason: "no route took these recipients at first" },
        },
        attributes: { stage: "route", reason: "no route matches: files@example.com" },
      },
    ],
  );
});

test("one event tells each decision", async () => {
  const { run, events } = createStage();
  await run(mixed);
  const common = { at: "2026-03-01T00:00:00.000Z", stage: "route", id, durationMs: 0 };
  const routed = (endpoint: string, route: string, recipients: string) => ({
    ...common,
    outcome: "routed",
    detail: { endpoint, route, recipients, recipientCount: 1, isReplay: false },
  });
  const aside = (outcome: string, detail: object) => ({
    ...common,
    outcome,
    detail: { ...detail, recipientCount: 1 },
  });
  assert.deepEqual(events, [
    routed("inbox", "rest", "a@example.com"),
    routed("helpdesk", "replies", "r+7@example.com"),
    routed("archive", "replies", "r+7@example.com"),
    aside("dropped", { route: "loops", reason: "a loop", recipients: "loop@example.com" }),
    aside("quarantined", {
      route: "spoofed",
      reason: "DMARC failed",
      recipients: "bank@example.com",
      key: quarantineKey(id),
    }),
    aside("unrouted", { route: null, reason: "no route matches", recipients: "files@example.com" }),
  ]);
});

test("a failure on the way brings the message back, and then nothing is missing", async () => {
  for (const failing of ["config", "get", "put", "send deliver", "send route-dead"]) {
    const { run, sent, events, held } = createStage(failing);
    assert.deepEqual(await run(mixed), again, failing);
    assert.deepEqual(
      events.map(({ outcome }) => outcome),
      ["again"],
      failing,
    );
    assert.deepEqual(await run(mixed), done, failing);
    assert.deepEqual(
      new Set(sent["deliver"]?.map(({ groupId }) => groupId)),
      new Set(["inbox", "helpdesk", "archive"]),
    );
    assert.equal(sent["route-dead"]?.length, 1);
    assert.equal((await held())?.recipients.length, 1);
  }
});

test("a second run sends the same again, to the byte", async () => {
  const { run, sent, store } = createStage();
  await run(mixed);
  const first = { sent: { ...sent }, held: store.objects.get(quarantineKey(id)) };
  await run(mixed);
  for (const name of ["deliver", "route-dead"]) {
    assert.deepEqual(sent[name], [...(first.sent[name] ?? []), ...(first.sent[name] ?? [])]);
  }
  assert.deepEqual(store.objects.get(quarantineKey(id)), first.held);
});

test("a dead letter that came back is routed for those it names, under a webhook-id of its own each time", async () => {
  const { run, sent } = createStage();
  await run(mixed);
  const letter = sent["route-dead"]?.[0]?.json;
  assert.ok(letter !== undefined);
  await run({ ...letter, recipients: ["b@example.com", "files@example.com"] });
  const redelivered = sent["deliver"]?.at(-1)?.json;
  assert.deepEqual(redelivered?.replay, letter.replay);
  assert.deepEqual(redelivered?.recipients, [{ address: "b@example.com", route: "rest", captures: {} }]);
  const second = sent["route-dead"]?.at(-1)?.json;
  assert.deepEqual(second?.recipients, ["files@example.com"]);
  assert.equal(second?.replay?.at, "2026-01-02T03:04:05.680Z");
});

test("a message that no route takes at all is no replay", async () => {
  const { run, sent } = createStage();
  await run({ ...mixed, recipients: ["files@example.com"] });
  assert.equal(sent["deliver"], undefined);
  assert.equal(sent["route-dead"]?.[0]?.json.replay, null);
});

test("a quarantine of the recipients that are left keeps those held before", async () => {
  const { run, held } = createStage();
  const bankToo = { ...mixed, recipients: ["BANK@example.com"] };
  await run(mixed);
  await run(bankToo);
  await run(bankToo);
  assert.deepEqual(
    (await held())?.recipients.map(({ address }) => address),
    ["bank@example.com", "BANK@example.com"],
  );
});

test("many recipients are counted, and the first ten named", async () => {
  const { run, events } = createStage();
  await run({ ...mixed, recipients: Array.from({ length: 12 }, (_, index) => `R+${index}@example.com`) });
  const detail = events.find(({ outcome }) => outcome === "routed")?.detail;
  assert.equal(detail?.["recipientCount"], 12);
  assert.match(String(detail?.["recipients"]), /^R\+0@example\.com, .*R\+9@example\.com, and 2 more$/);
});

test("a body that is no message is a dead letter at once", async () => {
  const { run, sent } = createStage();
  assert.deepEqual(await run({ id }), done);
  assert.match(sent["route-dead"]?.[0]?.attributes?.["reason"] ?? "", /^queue body: /);
});
