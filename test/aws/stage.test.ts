import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { createStageHandler, sendMessages } from "../../functions/aws/stage.ts";
import { limits } from "../../functions/mail/limits.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { createFakeQueue, record } from "./fakes.ts";

const Message = z.object({ id: z.string(), text: z.string() });

function setUp() {
  const store = createMemoryStore();
  const queues = new Map(["parse", "parse-dead", "validate"].map((name) => [name, createFakeQueue(name)]));
  const queue = (name: string) => queues.get(name) ?? assert.fail(`no queue ${name}`);
  const events: StageEvent[] = [];
  const log = (event: StageEvent) => void events.push(event);
  return { store, queue, events, deps: { store, queue, log, now: () => 0 } };
}

test("a stage gets its message, checked, and how often it came", async () => {
  const { deps } = setUp();
  const handled: unknown[] = [];
  const handler = createStageHandler(
    { stage: "parse", schema: Message },
    async (message, delivery) => {
      handled.push([message, delivery]);
      return { kind: "done" };
    },
    deps,
  );
  const body = JSON.stringify({ id: "1", text: "a", more: "of a newer version" });
  assert.deepEqual(await handler({ Records: [record(body, { receiveCount: "4" })] }), {
    batchItemFailures: [],
  });
  assert.deepEqual(handled, [[{ id: "1", text: "a" }, { receiveCount: 4 }]]);
});

const hopeless = [
  [
    "that is not JSON",
    "rubbish",
    "queue body: not JSON: Unexpected token 'r', \"rubbish\" is not valid JSON",
  ],
  ["of another shape", '{"id":"1"}', "queue body: text: Invalid input: expected string, received undefined"],
] as const;

for (const [which, body, reason] of hopeless) {
  test(`a body ${which} is dead at once, and the stage never sees it`, async () => {
    const { deps, queue } = setUp();
    const handle = async () => assert.fail("handled");
    const handler = createStageHandler({ stage: "parse", schema: Message }, handle, deps);
    assert.deepEqual(await handler({ Records: [record(body)] }), { batchItemFailures: [] });
    assert.deepEqual(queue("parse-dead").sent, [{ body, attributes: { stage: "parse", reason } }]);
  });
}

test("a message too large for a queue goes by the store, and the next stage never knows", async () => {
  const { deps, queue, store } = setUp();
  const text = "t".repeat(limits.queueBodyInlineMaxBytes);
  await sendMessages("validate", [{ body: { id: "1", text } }, { body: { id: "2", text: "" } }], deps);
  assert.equal(store.objects.size, 1);
  const texts: number[] = [];
  const handler = createStageHandler(
    { stage: "parse", schema: Message },
    async (message) => {
      texts.push(message.text.length);
      return { kind: "done" };
    },
    deps,
  );
  await handler({ Records: queue("validate").sent.map(({ body }) => record(body)) });
  assert.deepEqual(texts.toSorted(), [0, text.length]);
});

test("groups, delays and attributes go along", async () => {
  const { deps, queue } = setUp();
  const options = { groupId: "helpdesk", delaySeconds: 5, attributes: { a: "b" } };
  await sendMessages("validate", [{ body: { id: "1" }, ...options }], deps);
  assert.deepEqual(queue("validate").sent, [{ body: '{"id":"1"}', ...options }]);
});

test("a text with characters that SQS refuses is escaped, and reads the same", async () => {
  const { deps, queue } = setUp();
  const text = "\u0000\u001f\ud800\ufffe\uffff😀";
  await sendMessages("validate", [{ body: { text } }], deps);
  const body = queue("validate").sent[0]?.body ?? "";
  assert.match(body, /^[\x20-\ufffd\u{10000}-\u{10ffff}]*$/u);
  assert.deepEqual(JSON.parse(body), { text });
});
