import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffSeconds, consume, type Delivery, type Handled } from "../../functions/aws/consume.ts";
import { PermanentError } from "../../functions/mail/errors.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { createNotification } from "../../infra/local/store/object-created.ts";
import { createFakeQueue, record } from "./fakes.ts";

const at = Date.UTC(2026, 0, 1);
const id = "0192f0c1-2345-7abc-8def-0123456789ab";
const body = `{"version":1,"id":"${id}"}`;

interface Broken {
  readonly queue?: Error;
  readonly deadLetters?: Error;
}

function setUp(handle: (body: string, delivery: Delivery) => Promise<Handled>, broken: Broken = {}) {
  const queue = createFakeQueue("parse", broken.queue);
  const deadLetters = createFakeQueue("parse-dead", broken.deadLetters);
  const events: StageEvent[] = [];
  const log = (event: StageEvent) => void events.push(event);
  const handler = consume(handle, { stage: "parse", queue, deadLetters, log, now: () => at });
  return { handler, queue, deadLetters, events };
}

const created = {
  eventName: "ObjectCreated:Put",
  bucket: "mail",
  sizeBytes: 1,
  sequence: 1,
  atMs: at,
} as const;

const throwing = (error: unknown) => async () => {
  throw error;
};

for (const [sentence, given, expected] of [
  ["a stage's message", body, id],
  ["a new object", createNotification({ ...created, key: `raw/ab/${id}.eml` }), id],
  ["an object that is no mail", createNotification({ ...created, key: "raw/ab/x.eml" }), null],
  ["a key that only a sender could write", JSON.stringify({ subject: `"key":"raw/ab/${id}.eml"` }), null],
] as const)
  test(`what is logged of a failure names the message: ${sentence}`, async () => {
    const { handler, events } = setUp(throwing(new Error("no")));
    await handler({ Records: [record(given)] });
    assert.equal(events[0]?.id, expected);
  });

const failed = [{ itemIdentifier: "m1" }];

const rows = [
  {
    name: "a message that is done is deleted, and the stage has logged it itself",
    handle: async () => ({ kind: "done" }),
    failures: [],
  },
  {
    name: "a message that must come back does so after its delay",
    handle: async () => ({ kind: "again", delaySeconds: 30 }),
    failures: failed,
    visibilities: [["receipt of m1", 30]],
  },
  {
    name: "where the delay cannot be set the message still comes back",
    handle: async () => ({ kind: "again", delaySeconds: 30 }),
    broken: { queue: new Error("gone") },
    failures: failed,
  },
  {
    name: "a throw means again, after a back-off, and is logged",
    handle: throwing(new Error("the store is away")),
    failures: failed,
    visibilities: [["receipt of m1", 8]],
    logged: [["again", "the store is away"]],
  },
  {
    name: "what is thrown need not be an error",
    handle: throwing("odd"),
    failures: failed,
    visibilities: [["receipt of m1", 8]],
    logged: [["again", "odd"]],
  },
  {
    name: "a dead message moves to the dead-letter queue with its stage and reason, and is deleted",
    handle: async () => ({ kind: "dead", reason: "410 Gone" }),
    failures: [],
    buried: [{ body, attributes: { stage: "parse", reason: "410 Gone" } }],
  },
  {
    name: "a permanent error is dead at once, and is logged",
    handle: throwing(new PermanentError("no such object")),
    failures: [],
    buried: [{ body, attributes: { stage: "parse", reason: "no such object" } }],
    logged: [["dead", "no such object"]],
  },
  {
    name: "a message that cannot be buried comes back, and the log says both why",
    handle: async () => ({ kind: "dead", reason: "410 Gone" }),
    broken: { deadLetters: new Error("no queue") },
    failures: failed,
    logged: [["again", "not buried (410 Gone): no queue"]],
  },
  {
    name: "a reason without a word still has one, since SQS takes no empty attribute",
    handle: async () => ({ kind: "dead", reason: "" }),
    failures: [],
    buried: [{ body, attributes: { stage: "parse", reason: "unknown" } }],
  },
  {
    name: "a reason has only characters that SQS takes",
    handle: async () => ({ kind: "dead", reason: "a\u0000b\uffffc\ud800d😀\n" }),
    failures: [],
    buried: [{ body, attributes: { stage: "parse", reason: "a?b?c\ufffdd😀\n" } }],
  },
  {
    name: "a reason of 1,024 characters is whole",
    handle: async () => ({ kind: "dead", reason: "r".repeat(1024) }),
    failures: [],
    buried: [{ body, attributes: { stage: "parse", reason: "r".repeat(1024) } }],
  },
  {
    name: "a longer reason is cut, and no character in half",
    handle: async () => ({ kind: "dead", reason: `${"r".repeat(1023)}😀` }),
    failures: [],
    buried: [{ body, attributes: { stage: "parse", reason: `${"r".repeat(1023)}\ufffd` } }],
  },
] satisfies readonly {
  name: string;
  handle: () => Promise<Handled>;
  broken?: Broken;
  failures: unknown;
  visibilities?: unknown;
  buried?: unknown;
  logged?: unknown;
}[];

for (const row of rows) {
  const {
    name,
    handle,
    broken,
    failures,
    visibilities = [],
    buried = [],
    logged = [],
  } = { broken: {}, ...row };
  test(name, async () => {
    const { handler, queue, deadLetters, events } = setUp(handle, broken);
    const response = await handler({ Records: [record(body, { receiveCount: "3" })] });
    assert.deepEqual(response, { batchItemFailures: failures });
    assert.deepEqual(queue.visibilities, visibilities);
    assert.deepEqual(deadLetters.sent, buried);
    assert.deepEqual(
      events.map(({ outcome, detail }) => [outcome, detail["reason"]]),
      logged,
    );
  });
}

test("a failure is logged with the message's id, its receives and its name in the queue", async () => {
  const { handler, events } = setUp(throwing(new Error("away")));
  await handler({ Records: [record(body, { messageId: "m7", receiveCount: "2" })] });
  assert.deepEqual(events, [
    {
      at: "2026-01-01T00:00:00.000Z",
      stage: "parse",
      id,
      outcome: "again",
      durationMs: 0,
      detail: { reason: "away", receiveCount: 2, queueMessageId: "m7" },
    },
  ]);
});

test("a body that names no message is logged without an id", async () => {
  const { handler, events } = setUp(throwing(new Error("away")));
  await handler({ Records: [record("rubbish")] });
  assert.equal(events[0]?.id, null);
});

test("a dead letter keeps its group, so that a redrive is as fair as the queue was", async () => {
  const { handler, deadLetters } = setUp(async () => ({ kind: "dead", reason: "410 Gone" }));
  await handler({ Records: [record(body, { groupId: "helpdesk" })] });
  assert.equal(deadLetters.sent[0]?.groupId, "helpdesk");
});

test("each message of a batch has its own fate, and is told its own receives", async () => {
  const told: [string, number][] = [];
  const { handler, queue, deadLetters } = setUp(async (text, { receiveCount }) => {
    told.push([text, receiveCount]);
    if (text === "again") return { kind: "again", delaySeconds: 5 };
    if (text === "dead") return { kind: "dead", reason: "no" };
    if (text === "throw") throw new Error("away");
    return { kind: "done" };
  });
  const texts = ["done", "again", "dead", "throw", "done"];
  const Records = texts.map((text, index) =>
    record(text, { messageId: `m${index}`, receiveCount: `${index + 1}` }),
  );
  assert.deepEqual(await handler({ Records }), {
    batchItemFailures: [{ itemIdentifier: "m1" }, { itemIdentifier: "m3" }],
  });
  assert.deepEqual(queue.visibilities.toSorted(), [
    ["receipt of m1", 5],
    ["receipt of m3", 16],
  ]);
  assert.deepEqual(
    deadLetters.sent.map((message) => message.body),
    ["dead"],
  );
  assert.deepEqual(
    told,
    texts.map((text, index) => [text, index + 1]),
  );
});

test("an empty batch is no error", async () => {
  const { handler } = setUp(async () => ({ kind: "done" }));
  assert.deepEqual(await handler({ Records: [] }), { batchItemFailures: [] });
});

test("a back-off doubles from 2 s to 15 min", () => {
  assert.deepEqual([1, 2, 3, 9, 10, 5000].map(backoffSeconds), [2, 4, 8, 512, 900, 900]);
});
