import assert from "node:assert/strict";
import { test } from "node:test";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { IncomingMessage, Queue, ReceiveOptions } from "../../functions/mail/ports.ts";
import { startPump } from "../../infra/local/pump.ts";
import type { PipelineStage } from "../../infra/pipeline.ts";

const stage: PipelineStage = {
  stage: "route",
  entry: "functions/route/handler.ts",
  timeoutSeconds: 1,
  visibilityTimeoutSeconds: 6,
  batchSize: 3,
  receiveLimit: 5,
  memoryMb: 128,
  isFair: false,
  reads: [],
  writes: [],
  next: null,
};

const message = (n: number): IncomingMessage => ({
  messageId: `m${n}`,
  receiptHandle: `r${n}`,
  body: `body ${n}`,
  groupId: null,
  receiveCount: n,
  sentAtMs: 1000 + n,
  attributes: {},
});

/** Gives one batch (or throws once), then waits for the stop; records what the pump does with it. */
function scriptedQueue(batch: readonly IncomingMessage[], failFirst = false) {
  const calls: string[] = [];
  const idle = Promise.withResolvers<void>();
  let polls = 0;
  const receive = async ({ signal }: ReceiveOptions) => {
    polls += 1;
    if (failFirst && polls === 1) throw new Error("receive failed");
    if (polls === (failFirst ? 2 : 1)) return batch;
    idle.resolve();
    await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
    return [];
  };
  const queue: Queue = {
    name: "route",
    send: async () => undefined,
    receive,
    delete: async (handles) => void calls.push(`delete ${handles.join(" ")}`),
    changeVisibility: async (handle, seconds) => void calls.push(`visible ${handle} in ${seconds}`),
    depth: async () => ({ visible: 0, inFlight: 0, delayed: 0 }),
  };
  return { queue, calls, idle: idle.promise };
}

type Handler = (event: SQSEvent) => Promise<SQSBatchResponse>;
const failing =
  (...ids: string[]): Handler =>
  async () => ({
    batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
  });
const throwing: Handler = async () => {
  throw new Error("the handler fell over");
};

const rows: readonly [string, Handler, string[], string[]][] = [
  ["a finished batch is deleted", failing(), ["delete r1 r2 r3"], []],
  ["what the handler reports as failed stays", failing("m2"), ["delete r1 r3"], []],
  [
    "a handler that throws gives every message back, after a back-off",
    throwing,
    ["visible r1 in 2", "visible r2 in 4", "visible r3 in 8"],
    ["the handler fell over"],
  ],
];

for (const [name, handler, calls, errors] of rows) {
  test(name, async () => {
    const scripted = scriptedQueue([1, 2, 3].map(message));
    const seen: string[] = [];
    const onError = (error: unknown) =>
      void seen.push(error instanceof Error ? error.message : String(error));
    const pump = startPump(stage, handler, { queue: scripted.queue, pollers: 1, onError });
    await scripted.idle;
    await pump.stop();
    assert.deepEqual(scripted.calls, calls);
    assert.deepEqual(seen, errors);
  });
}

test("a failed receive is tried again", async () => {
  const scripted = scriptedQueue([message(1)], true);
  const pump = startPump(stage, failing(), {
    queue: scripted.queue,
    pollers: 1,
    onError: () => undefined,
    pauseAfterErrorMs: 0,
  });
  await scripted.idle;
  await pump.stop();
  assert.deepEqual(scripted.calls, ["delete r1"]);
});

test("the handler gets an SQS event", async () => {
  const events: SQSEvent[] = [];
  const scripted = scriptedQueue([{ ...message(4), groupId: "helpdesk", attributes: { reason: "x" } }]);
  const handler: Handler = async (event) => {
    events.push(event);
    return { batchItemFailures: [] };
  };
  const pump = startPump(stage, handler, { queue: scripted.queue, pollers: 1, onError: () => undefined });
  await scripted.idle;
  await pump.stop();
  const record = events[0]?.Records[0];
  assert.equal(record?.body, "body 4");
  assert.equal(record?.eventSource, "aws:sqs");
  assert.deepEqual(record?.attributes, {
    ApproximateReceiveCount: "4",
    SentTimestamp: "1004",
    SenderId: "local",
    ApproximateFirstReceiveTimestamp: "1004",
    MessageGroupId: "helpdesk",
  });
  assert.deepEqual(record?.messageAttributes, { reason: { stringValue: "x", dataType: "String" } });
});
