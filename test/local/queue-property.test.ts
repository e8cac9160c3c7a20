import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { QueueModel } from "./queue-model.ts";
import { receive, receiveLimit, type Setup, setUp } from "./queue-setup.ts";

type Command = fc.AsyncCommand<QueueModel, Setup>;

/** A command by what it does to both, which must then be alike. */
const command = (name: string, run: (model: QueueModel, real: Setup) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    assert.deepEqual(await real.queue().depth(), model.depth("queue"));
    assert.deepEqual(await real.deadLetters().depth(), model.depth("dead"));
  },
  toString: () => name,
});

const seconds = fc.constantFrom(0, 1, 2, 5);
const outgoing = fc.record({ groupId: fc.constantFrom("a", "b", "c", "d"), delaySeconds: seconds });

const sends = fc.array(outgoing, { minLength: 1, maxLength: 8 }).map((messages) =>
  command(`send ${JSON.stringify(messages)}`, async (model, real) => {
    const withBodies = messages.map((message) => ({
      ...message,
      body: model.send(message.groupId, message.delaySeconds),
    }));
    await real.queue().send(withBodies);
  }),
);

const receives = fc.tuple(fc.integer({ min: 1, max: 10 }), seconds).map(([max, visibilityTimeoutSeconds]) =>
  command(`receive ${max} for ${visibilityTimeoutSeconds} s`, async (model, real) => {
    const expected = model.receive(max, visibilityTimeoutSeconds);
    const received = await receive(real.queue(), { max, visibilityTimeoutSeconds });
    const seen = (messages: readonly { body: string; receiveCount: number; groupId: string | null }[]) =>
      messages.map(({ body, receiveCount, groupId }) => ({ body, receiveCount, groupId }));
    assert.deepEqual(seen(received), seen(expected));
    for (const [index, message] of expected.entries()) {
      const handle = received[index]?.receiptHandle ?? "";
      model.receipts.push({ message, receiveCount: message.receiveCount, handle });
    }
  }),
);

const deletes = fc.array(fc.nat(), { minLength: 1, maxLength: 4 }).map((picks) =>
  command(`delete ${picks}`, async (model, real) => {
    const receipts = picks.flatMap((pick) => model.receipts[pick % model.receipts.length] ?? []);
    for (const receipt of receipts) model.delete(receipt);
    await real.queue().delete(receipts.map(({ handle }) => handle));
  }),
);

const changes = fc.tuple(fc.nat(), seconds).map(([pick, delay]) =>
  command(`change the visibility of ${pick} to ${delay} s`, async (model, real) => {
    const receipt = model.receipts[pick % model.receipts.length];
    if (receipt === undefined) return;
    model.changeVisibility(receipt, delay);
    await real.queue().changeVisibility(receipt.handle, delay);
  }),
);

const passes = fc.constantFrom(1, 999, 1000, 3000).map((ms) =>
  command(`pass ${ms} ms`, async (model, real) => {
    model.nowMs += ms;
    real.clock.pass(ms);
  }),
);

const restarts = fc.constant(
  command("restart", async (model, real) => {
    model.restart();
    await real.reopen();
  }),
);

const commands = fc.commands(
  [sends, receives, receives, deletes, changes, passes, receives, passes, sends, restarts],
  { maxCommands: 60, size: "max" },
);

test("whatever is done to it, the queue does what the slow and obvious one does", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const real = await setUp();
      const model = new QueueModel(receiveLimit);
      model.nowMs = real.clock.now();
      await fc.asyncModelRun(() => ({ model, real }), list).finally(() => real.close());
    }),
    { numRuns: 40 },
  );
});
