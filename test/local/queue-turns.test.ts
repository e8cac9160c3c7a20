import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeTurn, type Turn } from "../../infra/local/queue/turns.ts";
import { bodiesOf, receive, setUp, withSetup } from "./queue-setup.ts";

const turn = (groupId: string, held: number, servedAt: number, firstVisibleAtMs = 0): Turn => ({
  groupId,
  held,
  servedAt,
  firstVisibleAtMs,
});

const cases: readonly (readonly [string, readonly Turn[], string | undefined])[] = [
  ["where there is no group it is nobody's turn", [], undefined],
  ["fewest at consumers comes before served longest ago", [turn("a", 1, 1), turn("b", 0, 9)], "b"],
  ["served longest ago comes first among equals", [turn("a", 1, 9), turn("b", 1, 8)], "b"],
  ["a group never served comes before one that was", [turn("a", 0, 1), turn("b", 0, 0)], "b"],
  [
    "among groups never served the message visible for longest comes first",
    [turn("a", 0, 0, 9), turn("b", 0, 0, 8)],
    "b",
  ],
  [
    "all else equal the name decides, so that the order is always the same",
    [turn("b", 0, 0), turn("a", 0, 0)],
    "a",
  ],
];

for (const [sentence, turns, expected] of cases) {
  test(sentence, () => assert.equal(judgeTurn(turns)?.groupId, expected));
}

const busy = (count: number, groupId = "busy") =>
  Array.from({ length: count }, (_, n) => ({ body: `${groupId} ${n}`, groupId }));

test(
  "a single message comes next, whether 10,000 of another group wait before it or are at consumers",
  withSetup(async ({ queue }) => {
    await queue().send(busy(10_000));
    await queue().send([{ body: "quiet", groupId: "quiet" }]);
    await receive(queue(), { max: 1 });
    assert.deepEqual(bodiesOf(await receive(queue(), { max: 1 })), ["quiet"]);
    await receive(queue());
    await queue().send([{ body: "quiet again", groupId: "quiet" }]);
    assert.deepEqual(bodiesOf(await receive(queue(), { max: 1 })), ["quiet again"]);
  }),
);

test(
  "groups with many messages share the consumers equally, whatever they hold already",
  withSetup(async ({ queue }) => {
    await queue().send(busy(20, "slow"));
    await receive(queue(), { max: 4 });
    await queue().send(busy(20, "fast"));
    const next = bodiesOf(await receive(queue(), { max: 10 }));
    assert.deepEqual([next.filter((body) => body.startsWith("fast")).length, next.length], [7, 10]);
  }),
);

test(
  "messages of one group come in the order in which they became visible",
  withSetup(async ({ queue, clock }) => {
    await queue().send([{ body: "late", delaySeconds: 2 }, { body: "first" }, { body: "second" }]);
    const [first] = await receive(queue(), { max: 1 });
    await queue().changeVisibility(first?.receiptHandle ?? "", 1);
    clock.pass(2000);
    assert.deepEqual(bodiesOf(await receive(queue())), ["second", "first", "late"]);
  }),
);

test(
  "messages without a group are one group",
  withSetup(async ({ queue }) => {
    await queue().send([{ body: "one" }, { body: "two" }, { body: "three", groupId: "group" }]);
    assert.deepEqual(bodiesOf(await receive(queue())), ["one", "three", "two"]);
  }),
);

const bounded = { queues: [{ name: "queue", groupHeldMax: 2 }, { name: "dead" }] };

test("a group has no more messages at consumers than its queue allows, and others come all the same", async (context) => {
  const { queue, close } = await setUp(bounded);
  context.after(close);
  await queue().send([...busy(5), { body: "quiet", groupId: "quiet" }]);
  assert.deepEqual(bodiesOf(await receive(queue(), { max: 10 })).toSorted(), ["busy 0", "busy 1", "quiet"]);
  assert.deepEqual(await receive(queue(), { max: 10 }), []);
});

test("whoever waits for a group that is held back gets its next message when one is finished", async (context) => {
  const { queue, close } = await setUp(bounded);
  context.after(close);
  await queue().send(busy(4));
  const [first, second] = await receive(queue(), { max: 10 });
  const waiting = receive(queue(), { max: 1, waitSeconds: 20 });
  await queue().delete([first?.receiptHandle ?? ""]);
  assert.deepEqual(bodiesOf(await waiting), ["busy 2"]);
  const again = receive(queue(), { max: 1, waitSeconds: 20 });
  await queue().changeVisibility(second?.receiptHandle ?? "", 60);
  assert.deepEqual(bodiesOf(await again), ["busy 3"]);
});
