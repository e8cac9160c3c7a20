import assert from "node:assert/strict";
import { test } from "node:test";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { createHealth, createHealthServer, storeFailing } from "../../functions/smtp/health.ts";
import { listen } from "../../infra/local/listen.ts";
import { createFakeClock } from "../support/fake-clock.ts";

const { failuresMin, withinMs } = storeFailing;
const event = (outcome: string, id: string | null = "id"): StageEvent => ({
  ...{ at: "2026-01-01T00:00:00.000Z", stage: "smtp", durationMs: 0, detail: {} },
  id,
  outcome,
});
const times = (count: number, outcome: string, id: string | null = "id") =>
  Array.from({ length: count }, () => event(outcome, id));

const rows = [
  ["ready, where nothing happened", [], 0, "ready"],
  ["ready, where the store failed a time less", times(failuresMin - 1, "again"), 0, "ready"],
  ["store-failing, where it failed so often in a row", times(failuresMin, "again"), 0, "store-failing"],
  [
    "ready, where a message was stored in between",
    [...times(failuresMin - 1, "again"), event("accepted"), event("again")],
    0,
    "ready",
  ],
  [
    "ready again, where one was stored since",
    [...times(failuresMin, "again"), event("accepted")],
    0,
    "ready",
  ],
  [
    "store-failing, while the last failure is not long ago",
    times(failuresMin, "again"),
    withinMs - 1,
    "store-failing",
  ],
  ["ready again a minute later", times(failuresMin, "again"), withinMs, "ready"],
  ["ready, whatever is no message's trouble", times(failuresMin, "again", null), 0, "ready"],
] as const;

for (const [sentence, events, laterMs, expected] of rows) {
  test(`the front end is ${sentence}`, () => {
    const clock = createFakeClock();
    const health = createHealth(clock.now);
    for (const one of events) health.note(one);
    clock.pass(laterMs);
    assert.equal(health.state(), expected);
    health.drain();
    assert.equal(health.state(), "draining");
  });
}

test("the health port tells the state, with 503 for all but ready; /live is 200 as long as it answers", async () => {
  for (const [state, status] of [
    ["ready", 200],
    ["draining", 503],
    ["store-failing", 503],
  ] as const) {
    const server = createHealthServer({ state: () => state });
    const port = await listen(server, "127.0.0.1", 0);
    for (const [path, expected] of [
      ["/", status],
      ["/live", 200],
    ] as const) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      assert.deepEqual([response.status, await response.json()], [expected, { state }]);
    }
    server.close();
  }
});
