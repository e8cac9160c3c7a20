import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, createReportProblem, textMaxLength } from "../../functions/aws/log.ts";
import { readLogLine } from "../../functions/aws/read-log.ts";
import { createId } from "../../functions/mail/id.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";

const nowMs = Date.UTC(2026, 0, 1);
const event: StageEvent = {
  at: "2025-12-31T23:59:59.000Z",
  stage: "route",
  id: "0192f0c1-2345-7abc-8def-0123456789ab",
  outcome: "routed",
  durationMs: 12.5,
  detail: { endpoint: "helpdesk", status: 204, isReplay: false, reason: null },
};

function setUp() {
  const lines: string[] = [];
  const deps = { service: "mailchute", write: (line: string) => void lines.push(line), now: () => nowMs };
  return { lines, deps };
}

const readBack: readonly StageEvent[] = [
  event,
  { ...event, stage: "smtp", id: null, outcome: "early-talker", count: 7 },
];
for (const written of readBack) {
  test(`what is read of the line about ${written.outcome} is the event again`, () => {
    const { lines, deps } = setUp();
    createLog(deps)(written);
    assert.deepEqual(readLogLine(lines[0] ?? ""), written);
  });
}

const others = ["", "START RequestId: 1", "null", "7", '{"at":"then"}', '{"Problem":"config-refused"}'];
for (const line of others)
  test(`${line || "an empty line"} is no event`, () => assert.equal(readLogLine(line), null));

test("an event is one line: metrics by service, stage and outcome, and all else to be read", () => {
  const { lines, deps } = setUp();
  createLog(deps)(event);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^[^\n]*\n$/);
  assert.deepEqual(JSON.parse(lines[0] ?? ""), {
    endpoint: "helpdesk",
    status: 204,
    isReplay: false,
    reason: null,
    at: event.at,
    id: event.id,
    Service: "mailchute",
    Stage: "route",
    Outcome: "routed",
    Count: 1,
    DurationMs: 12.5,
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        {
          Namespace: "Mailchute",
          Dimensions: [["Service", "Stage", "Outcome"]],
          Metrics: [{ Name: "Count", Unit: "Count" }],
        },
      ],
    },
  });
});

test("how long a transaction took is measured where it was accepted, and of no other event", () => {
  for (const [outcome, names] of [
    ["accepted", ["Count", "DurationMs"]],
    ["refused", ["Count"]],
  ] as const) {
    const { lines, deps } = setUp();
    createLog(deps)({ ...event, stage: "smtp", outcome });
    const [directive] = JSON.parse(lines[0] ?? "")._aws.CloudWatchMetrics;
    assert.deepEqual(
      directive.Metrics.map(({ Name }: { Name: string }) => Name),
      names,
    );
  }
});

test("an event that stands for several counts as many", () => {
  const { lines, deps } = setUp();
  createLog(deps)({ ...event, stage: "smtp", outcome: "early-talker", count: 500 });
  assert.partialDeepStrictEqual(JSON.parse(lines[0] ?? ""), { Outcome: "early-talker", Count: 500 });
});

const id = createId(nowMs, (size) => Buffer.alloc(size));
const delivery = { ...event, stage: "deliver", id, at: new Date(nowMs + 1500).toISOString() } as const;
const byEndpoint = { Endpoint: "helpdesk" };

const deliveries = [
  [
    "a delivery is measured from the 250 on, and counted for its endpoint",
    { ...delivery, outcome: "delivered" },
    { ...byEndpoint, Failures: 0, EndToEndMs: 1500 },
    [["Service", "Stage", "Outcome"], ["Service", "Endpoint"], ["Service"]],
  ],
  [
    "an attempt that failed counts against its endpoint",
    { ...delivery, outcome: "retry" },
    { ...byEndpoint, Failures: 1 },
    [
      ["Service", "Stage", "Outcome"],
      ["Service", "Endpoint"],
    ],
  ],
  [
    "a replay says nothing about how long mail takes",
    { ...delivery, outcome: "delivered", detail: { endpoint: "helpdesk", webhookId: `${id}_helpdesk_r1` } },
    { ...byEndpoint, Failures: 0 },
    [
      ["Service", "Stage", "Outcome"],
      ["Service", "Endpoint"],
    ],
  ],
  [
    "what stage deliver says of no endpoint is counted by its outcome alone",
    { ...delivery, outcome: "dead", detail: { reason: "queue body: not JSON" } },
    {},
    [["Service", "Stage", "Outcome"]],
  ],
] as const;

for (const [sentence, logged, expected, dimensions] of deliveries) {
  test(sentence, () => {
    const { lines, deps } = setUp();
    createLog(deps)(logged);
    const { Endpoint, Failures, EndToEndMs, _aws } = JSON.parse(lines[0] ?? "");
    assert.deepEqual(JSON.parse(JSON.stringify({ Endpoint, Failures, EndToEndMs })), expected);
    const declared: { Dimensions: string[][]; Metrics: { Name: string }[] }[] = _aws.CloudWatchMetrics;
    assert.deepEqual(
      declared.flatMap(({ Dimensions }) => Dimensions),
      dimensions,
    );
  });
}

test("a detail cannot pass for the event's own fields", () => {
  const { lines, deps } = setUp();
  createLog(deps)({ ...event, detail: { Stage: "forged", id: "forged", _aws: "forged" } });
  const line = JSON.parse(lines[0] ?? "");
  assert.deepEqual([line.Stage, line.id, line._aws.Timestamp], ["route", event.id, nowMs]);
});

test("a text at the limit is whole, one past it is cut, and a line end in it ends no line", () => {
  const { lines, deps } = setUp();
  const whole = "\n".repeat(textMaxLength);
  createLog(deps)({ ...event, detail: { whole, cut: `${whole}x` } });
  const line = JSON.parse(lines[0] ?? "");
  assert.match(lines[0] ?? "", /^[^\n]*\n$/);
  assert.deepEqual([line.whole, line.cut], [whole, `${whole}…`]);
});

test("a log that cannot be written harms nothing", () => {
  const { deps } = setUp();
  const write = () => {
    throw new Error("EPIPE");
  };
  createLog({ ...deps, write })(event);
});

test("a problem is counted by its name", () => {
  const { lines, deps } = setUp();
  createReportProblem(deps)("config-refused", { reason: "no" });
  const { _aws, ...properties } = JSON.parse(lines[0] ?? "");
  assert.deepEqual(properties, {
    reason: "no",
    at: "2026-01-01T00:00:00.000Z",
    Service: "mailchute",
    Problem: "config-refused",
    Problems: 1,
  });
  assert.deepEqual(_aws.CloudWatchMetrics[0].Dimensions, [["Service", "Problem"]]);
});
