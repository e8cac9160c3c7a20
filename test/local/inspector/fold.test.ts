import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { StageEvent } from "../../../functions/mail/stage-event.ts";
import type { Entry } from "../../../infra/local/inspector/entry.ts";
import { fold } from "../../../infra/local/inspector/fold.ts";
import { events, idOf } from "./events.ts";

const id = idOf(1);
const { accepted, parsed, validated, routed, aside, attempt, again, refused } = events;

const sum = (all: readonly StageEvent[]) => all.reduce<Entry | null>(fold, null);
const arrived = [accepted(id), parsed(id), validated(id)];

const states: readonly [string, readonly StageEvent[], Entry["state"], string | null][] = [
  ["what was accepted is under way", [accepted(id)], "underway", null],
  ["what was routed is under way", [...arrived, routed(id)], "underway", null],
  [
    "what every endpoint took is delivered",
    [...arrived, routed(id), attempt(id, "delivered")],
    "delivered",
    null,
  ],
  [
    "one endpoint that is left keeps it under way",
    [...arrived, routed(id), routed(id, { endpoint: "other" }), attempt(id, "delivered")],
    "underway",
    null,
  ],
  ["a webhook that failed is tried again", [...arrived, routed(id), attempt(id, "retry")], "retrying", "500"],
  ["a webhook that was given up is dead", [...arrived, routed(id), attempt(id, "dead")], "dead", "500"],
  [
    "a dead letter that came back is alive",
    [...arrived, routed(id), attempt(id, "dead"), attempt(id, "delivered")],
    "delivered",
    null,
  ],
  ["a drop is told with its reason", [...arrived, aside(id, "dropped")], "dropped", "it is dropped"],
  [
    "quarantine outranks a drop",
    [...arrived, aside(id, "dropped", "a"), aside(id, "quarantined", "b")],
    "quarantined",
    "it is quarantined",
  ],
  [
    "a recipient that no route took is a dead letter",
    [...arrived, aside(id, "unrouted")],
    "dead",
    "it is unrouted",
  ],
  [
    "the same recipient that a later route took is none",
    [...arrived, aside(id, "unrouted"), aside(id, "dropped")],
    "dropped",
    "it is dropped",
  ],
  ["a stage that threw tries again", [accepted(id), again(id, "parse")], "retrying", "the store is gone"],
  ["a stage that then succeeds is well", [accepted(id), again(id, "parse"), parsed(id)], "underway", null],
  [
    "the last try that the queue allows makes a dead letter",
    [accepted(id), { ...again(id, "parse"), detail: { reason: "the store is gone", receiveCount: 16 } }],
    "dead",
    "the store is gone",
  ],
  [
    "the one before does not",
    [accepted(id), { ...again(id, "parse"), detail: { reason: "the store is gone", receiveCount: 15 } }],
    "retrying",
    "the store is gone",
  ],
  [
    "a stage that gave up makes a dead letter",
    [accepted(id), again(id, "parse", "dead")],
    "dead",
    "the store is gone",
  ],
  ["a refused transaction is told by its reply", [refused("550 5.1.1 No")], "refused", "550 5.1.1 No"],
  [
    "a message that could not be stored was refused",
    [{ ...accepted(id), outcome: "again", detail: { reason: "disk" } }],
    "refused",
    "disk",
  ],
  [
    "one that was given up, with a mark in its place, stays refused",
    [
      { ...accepted(id), outcome: "again", detail: { reason: "the store took too long" } },
      { ...parsed(id), outcome: "abandoned", detail: {} },
    ],
    "refused",
    "the store took too long",
  ],
  [
    "one that turns out to be stored all the same is under way",
    [{ ...accepted(id), outcome: "again", detail: { reason: "the store took too long" } }, parsed(id)],
    "underway",
    null,
  ],
  [
    "an attempt that threw is tried again",
    [...arrived, routed(id), again(id, "deliver")],
    "retrying",
    "the store is gone",
  ],
];
for (const [name, all, state, reason] of states) {
  test(name, () => {
    const entry = sum(all);
    assert.equal(entry?.state, state);
    assert.equal(entry?.reason, reason);
  });
}

test("a problem of nobody's message makes no entry", () => {
  assert.equal(fold(null, { ...again(id, "smtp"), id: null }), null);
});

test("any event said twice says nothing new", () => {
  const all = [...arrived, routed(id), aside(id, "dropped", "b@example.com"), attempt(id, "delivered")];
  const twice = all.flatMap((event) => [event, event]);
  assert.deepEqual(sum(twice), sum(all));
});

test("a replay is a delivery of its own", () => {
  const replay = attempt(id, "retry", { webhookId: `msg_${id}_inbox_r1` });
  const entry = sum([...arrived, routed(id), attempt(id, "delivered"), replay]);
  assert.deepEqual(
    entry?.deliveries.map(({ isReplay, state }) => [isReplay, state]),
    [
      [false, "delivered"],
      [true, "retry"],
    ],
  );
  assert.equal(entry?.deliveries[1]?.nextAt, "2026-01-02T03:04:10.000Z");
});

test("a replay that was routed meets its attempt", () => {
  const replay = attempt(id, "delivered", { webhookId: `msg_${id}_inbox_r1` });
  const entry = sum([
    ...arrived,
    routed(id),
    attempt(id, "delivered"),
    routed(id, { isReplay: true }),
    replay,
  ]);
  assert.equal(entry?.deliveries.length, 2);
  assert.equal(entry?.state, "delivered");
});

test("a replay that was sent before it is said to be routed is one", () => {
  const at = "2026-01-02T03:04:05.000Z";
  const webhookId = `msg_${id}_inbox_r${Date.parse(at)}`;
  const replayed = [attempt(id, "delivered", { webhookId }), routed(id, { isReplay: true, replayAt: at })];
  const entry = sum([...arrived, routed(id), attempt(id, "delivered"), ...replayed]);
  assert.equal(entry?.deliveries.length, 2);
  assert.equal(entry?.state, "delivered");
});

test("in whichever order the stages are heard, a message is where it is", () => {
  const all = [...arrived, routed(id), attempt(id, "delivered")];
  const expected = sum(all);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
      assert.deepEqual({ ...sum(shuffled), stage: "deliver" }, expected);
    }),
  );
});

test("a transaction with no recipient was for the first that was refused", () => {
  const refusal = refused("550 5.1.1 No");
  const detail = { ...refusal.detail, refusedTo: "no@elsewhere.example", refusedRecipients: 3 };
  const entry = sum([{ ...refusal, detail }]);
  assert.deepEqual([entry?.to, entry?.recipients], ["no@elsewhere.example", 3]);
});
