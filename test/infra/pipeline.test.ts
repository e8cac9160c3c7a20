import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { stageNames } from "../../functions/mail/stage-event.ts";
import { pipeline, retentionDays } from "../../infra/pipeline.ts";

const visibilityMaxSeconds = 43_200;

test("the pipeline is the stages after smtp, in the order that a message takes", () => {
  assert.deepEqual(["smtp", ...pipeline.map(({ stage }) => stage)], [...stageNames]);
});

for (const stage of pipeline) {
  test(`${stage.stage}: its entry file is there`, () => assert.ok(existsSync(stage.entry)));

  test(`${stage.stage}: a message stays hidden for at least six times the timeout`, () => {
    assert.ok(stage.visibilityTimeoutSeconds >= 6 * stage.timeoutSeconds);
    assert.ok(stage.visibilityTimeoutSeconds <= visibilityMaxSeconds);
  });

  test(`${stage.stage}: a batch is what SQS gives without a batch window`, () => {
    assert.ok(stage.batchSize >= 1 && stage.batchSize <= 10);
  });
}

test("SQS keeps messages for at most 14 days", () => assert.ok(retentionDays >= 4 && retentionDays <= 14));
