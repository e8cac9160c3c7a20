import assert from "node:assert/strict";
import type { Row } from "./contract.ts";
import { bodiesOf, drain, numbers, type QueueUnderTest, receive } from "./queue-subject.ts";

export const messageRows: readonly Row<QueueUnderTest>[] = [
  [
    "a message arrives as it was sent",
    async ({ queue }) => {
      const attributes = { reason: "ünknown", stage: "parse" };
      await queue.send([{ body: '{"text":"zażółć 😀\\n"}', groupId: "helpdesk", attributes }]);
      const [message, ...others] = await receive(queue);
      assert.deepEqual(others, []);
      assert.equal(message?.body, '{"text":"zażółć 😀\\n"}');
      assert.equal(message.groupId, "helpdesk");
      assert.equal(message.receiveCount, 1);
      assert.deepEqual({ ...message.attributes }, attributes);
      assert.ok(message.sentAtMs > 1_500_000_000_000);
    },
  ],
  [
    "a message sent plainly has no group and no attributes",
    async ({ queue }) => {
      await queue.send([{ body: "plain" }]);
      const [message] = await receive(queue);
      assert.equal(message?.groupId, null);
      assert.deepEqual({ ...message.attributes }, {});
    },
  ],
  [
    "a body may have 240 KB",
    async ({ queue }) => {
      const body = "é".repeat(120 * 1024);
      await queue.send([{ body }]);
      assert.equal((await receive(queue))[0]?.body, body);
    },
  ],
  [
    "more messages can be sent and deleted in one call than SQS takes in a batch",
    async ({ queue, pass }) => {
      const bodies = numbers(25).map((n) => `message ${n}`);
      await queue.send(bodies.map((body) => ({ body })));
      const messages = await drain(queue, { visibilityTimeoutSeconds: 2 });
      assert.deepEqual(bodiesOf(messages), bodies.toSorted());
      await queue.delete(messages.map(({ receiptHandle }) => receiptHandle));
      await pass(2);
      assert.deepEqual(await receive(queue), []);
    },
  ],
  [
    "large messages can be sent together",
    async ({ queue }) => {
      const bodies = numbers(5).map((n) => `${n}`.repeat(240 * 1024));
      await queue.send(bodies.map((body) => ({ body })));
      assert.deepEqual(bodiesOf(await drain(queue)), bodies);
    },
  ],
  [
    "sending and deleting nothing is no error",
    async ({ queue }) => {
      await queue.send([]);
      await queue.delete([]);
    },
  ],
  ["an empty queue answers at once", async ({ queue }) => assert.deepEqual(await receive(queue), [])],
  [
    "a receive gives at most as many as it asks for",
    async ({ queue }) => {
      await queue.send(numbers(5).map((n) => ({ body: `${n}` })));
      const messages = await receive(queue, { max: 3 });
      assert.ok(messages.length >= 1 && messages.length <= 3);
    },
  ],
  [
    "no message goes to two receivers",
    async ({ queue }) => {
      const bodies = numbers(20).map((n) => `message ${n}`);
      await queue.send(bodies.map((body) => ({ body })));
      const received = await Promise.all(numbers(4).map(async () => drain(queue)));
      assert.deepEqual(bodiesOf(received.flat()), bodies.toSorted());
    },
  ],
];
