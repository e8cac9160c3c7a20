import assert from "node:assert/strict";
import { test } from "node:test";
import { bodiesOf, receive, receiveLimit, type Setup, withSetup } from "./queue-setup.ts";

const hourMs = 60 * 60 * 1000;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

const cases: readonly (readonly [string, (setup: Setup) => Promise<void>])[] = [
  [
    "messages outlive a restart, with their group, their attributes and the number of their receives",
    async ({ queue, reopen }) => {
      await queue().send([{ body: "kept", groupId: "group", attributes: { stage: "parse" } }]);
      await receive(queue());
      await reopen();
      const [message] = await receive(queue());
      assert.equal(message?.body, "kept");
      assert.equal(message.groupId, "group");
      assert.deepEqual(message.attributes, { stage: "parse" });
      assert.equal(message.receiveCount, 2);
    },
  ],
  [
    "after a restart what the dead process held is visible at once, and what was put off or delayed stays so",
    async ({ queue, reopen, clock }) => {
      await queue().send([{ body: "held" }, { body: "put off" }, { body: "delayed", delaySeconds: 60 }]);
      const messages = await receive(queue(), { visibilityTimeoutSeconds: 600 });
      const putOff = messages.find(({ body }) => body === "put off");
      await queue().changeVisibility(putOff?.receiptHandle ?? "", 60);
      await reopen();
      assert.deepEqual(bodiesOf(await receive(queue(), { visibilityTimeoutSeconds: 600 })), ["held"]);
      clock.pass(59_999);
      assert.deepEqual(await receive(queue()), []);
      clock.pass(1);
      assert.deepEqual(bodiesOf(await receive(queue())).toSorted(), ["delayed", "put off"]);
    },
  ],
  [
    "a message that killed its process at every receive ends as a dead letter",
    async ({ queue, deadLetters, reopen }) => {
      await queue().send([{ body: "poison" }]);
      for (const _ of numbers(receiveLimit)) {
        assert.deepEqual(bodiesOf(await receive(queue())), ["poison"]);
        await reopen();
      }
      assert.deepEqual(await receive(queue()), []);
      assert.deepEqual(bodiesOf(await receive(deadLetters())), ["poison"]);
    },
  ],
  [
    "a receipt is spent when its message is received again",
    async ({ queue, clock }) => {
      await queue().send([{ body: "slow" }]);
      const [first] = await receive(queue(), { visibilityTimeoutSeconds: 1 });
      clock.pass(1000);
      const [second] = await receive(queue(), { visibilityTimeoutSeconds: 1 });
      await queue().delete([first?.receiptHandle ?? ""]);
      await queue().changeVisibility(first?.receiptHandle ?? "", 600);
      assert.deepEqual(await queue().depth(), { visible: 0, inFlight: 1, delayed: 0 });
      await queue().delete([second?.receiptHandle ?? ""]);
      assert.deepEqual(await queue().depth(), { visible: 0, inFlight: 0, delayed: 0 });
    },
  ],
  [
    "a receipt that lost its message fits no later one",
    async ({ queue, reopen }) => {
      await queue().send([{ body: "first" }]);
      const [first] = await receive(queue());
      await queue().delete([first?.receiptHandle ?? ""]);
      await reopen();
      await queue().send([{ body: "second" }]);
      await receive(queue());
      await queue().delete([first?.receiptHandle ?? ""]);
      assert.equal((await queue().depth()).inFlight, 1);
    },
  ],
  [
    "a receipt of one queue opens no other, and nonsense opens nothing",
    async ({ queue, deadLetters }) => {
      await queue().send([{ body: "mine" }]);
      const [message] = await receive(queue());
      const handles = [message?.receiptHandle ?? "", "", "1", "1-1-1", "x-1", `${"9".repeat(400)}-1`];
      await deadLetters().delete(handles);
      await queue().delete(handles.slice(1));
      assert.equal((await queue().depth()).inFlight, 1);
    },
  ],
  [
    "a dead letter keeps its id, its group and the time it was sent, and counts its receives anew",
    async ({ queue, deadLetters, clock }) => {
      await queue().send([{ body: "poison", groupId: "group" }]);
      const [sent] = await receive(queue(), { visibilityTimeoutSeconds: 0 });
      clock.pass(1);
      await receive(queue(), { visibilityTimeoutSeconds: 0 });
      clock.pass(5);
      const arrival = receive(deadLetters(), { waitSeconds: 20 });
      assert.deepEqual(await receive(queue()), []);
      const [dead] = await arrival;
      assert.deepEqual(
        [dead?.messageId, dead?.groupId, dead?.sentAtMs, dead?.receiveCount],
        [sent?.messageId, "group", sent?.sentAtMs, 1],
      );
    },
  ],
  [
    "very many dead letters move a hundred at a receive, and a long poll sees what is behind them",
    async ({ queue, deadLetters, clock }) => {
      await queue().send(numbers(250).map((n) => ({ body: `poison ${n}`, groupId: "poison" })));
      for (const _ of numbers(25 * receiveLimit)) {
        await receive(queue(), { visibilityTimeoutSeconds: 0 });
        clock.pass(1);
      }
      assert.deepEqual(await receive(queue()), []);
      assert.deepEqual([(await queue().depth()).visible, (await deadLetters().depth()).visible], [150, 100]);
      await queue().send([{ body: "behind", groupId: "poison" }]);
      assert.deepEqual(bodiesOf(await receive(queue(), { waitSeconds: 20 })), ["behind"]);
      assert.equal((await deadLetters().depth()).visible, 250);
    },
  ],
  [
    "a message is kept for 14 days and no longer, in a dead-letter queue that nobody reads too",
    async ({ queue, deadLetters, clock }) => {
      await deadLetters().send([{ body: "old" }]);
      clock.pass(hourMs);
      await queue().send([{ body: "young" }]);
      clock.pass(13 * 24 * hourMs + 23 * hourMs);
      await receive(queue(), { visibilityTimeoutSeconds: 0 });
      assert.equal((await deadLetters().depth()).visible, 1);
      clock.pass(60_000);
      assert.deepEqual(bodiesOf(await receive(queue(), { visibilityTimeoutSeconds: 0 })), ["young"]);
      assert.equal((await deadLetters().depth()).visible, 0);
      clock.pass(hourMs);
      assert.deepEqual(await receive(queue()), []);
    },
  ],
  [
    "a receive gives a message once, whatever the visibility timeout",
    async ({ queue }) => {
      await queue().send([{ body: "once" }]);
      assert.deepEqual(bodiesOf(await receive(queue(), { visibilityTimeoutSeconds: 0 })), ["once"]);
    },
  ],
  [
    "closing ends every long poll with nothing",
    async ({ queue, embedded }) => {
      const polls = [receive(queue(), { waitSeconds: 20 }), receive(queue(), { waitSeconds: 20 })];
      await embedded().close();
      assert.deepEqual(await Promise.all(polls), [[], []]);
      await assert.rejects(queue().send([{ body: "late" }]), /the database is closed/);
    },
  ],
  [
    "a queue that was not declared is refused by name",
    async ({ embedded }) => assert.throws(() => embedded().queue("other"), /no queue other is declared/),
  ],
];

for (const [sentence, check] of cases) test(sentence, withSetup(check));

test("an undeclared dead-letter queue is refused when the folder is opened", async () => {
  const queues = [{ name: "queue", redrive: { receiveLimit: 1, deadLetters: "none" } }];
  await assert.rejects(
    async () => withSetup(async () => undefined, { queues })(),
    /no queue none is declared/,
  );
});
