import assert from "node:assert/strict";
import type { Row } from "./contract.ts";
import { bodiesOf, numbers, type QueueUnderTest, receive, receiveLimit } from "./queue-subject.ts";

export const timingRows: readonly Row<QueueUnderTest>[] = [
  [
    "a received message is hidden, and comes back when its visibility timeout has passed",
    async ({ queue, pass }) => {
      await queue.send([{ body: "again" }]);
      const [first] = await receive(queue, { visibilityTimeoutSeconds: 1 });
      assert.deepEqual(await receive(queue), []);
      await pass(1);
      const [second] = await receive(queue, { waitSeconds: 1 });
      assert.equal(second?.messageId, first?.messageId);
      assert.deepEqual([first?.receiveCount, second?.receiveCount], [1, 2]);
    },
  ],
  [
    "a deleted message does not come back, and its spent receipt is no error",
    async ({ queue, pass }) => {
      await queue.send([{ body: "done" }]);
      const [message] = await receive(queue, { visibilityTimeoutSeconds: 1 });
      assert.ok(message);
      await queue.delete([message.receiptHandle]);
      await queue.delete([message.receiptHandle]);
      await pass(1);
      assert.deepEqual(await receive(queue), []);
    },
  ],
  [
    "a visibility changed to 0 brings the message back at once",
    async ({ queue }) => {
      await queue.send([{ body: "again" }]);
      const [first] = await receive(queue);
      assert.ok(first);
      await queue.changeVisibility(first.receiptHandle, 0);
      const [second] = await receive(queue, { waitSeconds: 1 });
      assert.equal(second?.messageId, first.messageId);
      assert.equal(second.receiveCount, 2);
    },
  ],
  [
    "a visibility can be put off, from now",
    async ({ queue, pass }) => {
      await queue.send([{ body: "later" }]);
      const [message] = await receive(queue, { visibilityTimeoutSeconds: 1 });
      assert.ok(message);
      await queue.changeVisibility(message.receiptHandle, 3);
      await pass(1);
      assert.deepEqual(await receive(queue), []);
      await pass(2);
      assert.deepEqual(bodiesOf(await receive(queue, { waitSeconds: 1 })), ["later"]);
    },
  ],
  [
    "a delayed message arrives after its delay",
    async ({ queue, pass }) => {
      await queue.send([{ body: "delayed", delaySeconds: 1 }, { body: "prompt" }]);
      assert.deepEqual(bodiesOf(await receive(queue)), ["prompt"]);
      await pass(1);
      assert.deepEqual(bodiesOf(await receive(queue, { waitSeconds: 1 })), ["delayed"]);
    },
  ],
  [
    "a long poll is woken by a send",
    async ({ queue }) => {
      const arrival = receive(queue, { waitSeconds: 20 });
      await queue.send([{ body: "wake" }]);
      assert.deepEqual(bodiesOf(await arrival), ["wake"]);
    },
  ],
  [
    "a long poll is woken when a message becomes visible",
    async ({ queue, pass }) => {
      await queue.send([{ body: "held" }, { body: "delayed", delaySeconds: 2 }]);
      await receive(queue, { visibilityTimeoutSeconds: 1 });
      const held = receive(queue, { waitSeconds: 20 });
      await pass(1);
      assert.deepEqual(bodiesOf(await held), ["held"]);
      const delayed = receive(queue, { waitSeconds: 20 });
      await pass(1);
      assert.deepEqual(bodiesOf(await delayed), ["delayed"]);
    },
  ],
  [
    "a long poll ends with nothing when its time is over",
    async ({ queue, pass }) => {
      const arrival = receive(queue, { waitSeconds: 1 });
      await pass(1);
      assert.deepEqual(await arrival, []);
    },
  ],
  [
    "an aborted receive ends at once with nothing",
    async ({ queue }) => {
      const controller = new AbortController();
      const arrival = receive(queue, { waitSeconds: 20, signal: controller.signal });
      controller.abort();
      assert.deepEqual(await arrival, []);
      await queue.send([{ body: "kept" }]);
      assert.deepEqual(await receive(queue, { signal: controller.signal }), []);
      assert.deepEqual(bodiesOf(await receive(queue)), ["kept"]);
    },
  ],
  [
    "a message past the receive limit moves to the dead letters, with its body and attributes",
    async ({ queue, deadLetters }) => {
      await queue.send([{ body: "poison", attributes: { stage: "parse" } }]);
      for (const _ of numbers(receiveLimit)) {
        const [message] = await receive(queue, { waitSeconds: 1 });
        assert.ok(message);
        await queue.changeVisibility(message.receiptHandle, 0);
      }
      assert.deepEqual(await receive(queue), []);
      const [dead] = await receive(deadLetters, { waitSeconds: 1 });
      assert.equal(dead?.body, "poison");
      assert.deepEqual({ ...dead.attributes }, { stage: "parse" });
      assert.deepEqual(await queue.depth(), { visible: 0, inFlight: 0, delayed: 0 });
    },
  ],
  [
    "the depth counts what is visible, held and delayed",
    async ({ queue }) => {
      await queue.send([
        ...numbers(3).map((n) => ({ body: `${n}` })),
        { body: "delayed", delaySeconds: 900 },
      ]);
      const [held] = await receive(queue, { max: 1 });
      assert.deepEqual(await queue.depth(), { visible: 2, inFlight: 1, delayed: 1 });
      await queue.delete([held?.receiptHandle ?? ""]);
      assert.deepEqual(await queue.depth(), { visible: 2, inFlight: 0, delayed: 1 });
    },
  ],
  [
    "one message is not delayed by another group's many",
    async ({ queue }) => {
      await queue.send(numbers(50).map((n) => ({ body: `busy ${n}`, groupId: "busy" })));
      await queue.send([{ body: "quiet", groupId: "quiet" }]);
      const first = [...(await receive(queue, { max: 10 })), ...(await receive(queue, { max: 10 }))];
      assert.ok(bodiesOf(first).includes("quiet"));
    },
  ],
];
