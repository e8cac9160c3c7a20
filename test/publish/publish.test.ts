import assert from "node:assert/strict";
import { test } from "node:test";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { publish } from "../../functions/publish/publish.ts";

const identity = { StackId: "stack", RequestId: "request", LogicalResourceId: "Config" };

const common = {
  ...identity,
  ServiceToken: "arn",
  ResponseURL: "https://example.com/",
  ResourceType: "Custom::MailchuteConfig",
  ResourceProperties: { ServiceToken: "arn" },
};

const create: CloudFormationCustomResourceEvent = { ...common, RequestType: "Create" };

const update: CloudFormationCustomResourceEvent = {
  ...common,
  RequestType: "Update",
  PhysicalResourceId: "config",
  OldResourceProperties: { ServiceToken: "arn" },
};

const remove: CloudFormationCustomResourceEvent = {
  ...common,
  RequestType: "Delete",
  PhysicalResourceId: "config",
};

const done = { ...identity, PhysicalResourceId: "config", Status: "SUCCESS" };

const rows = [
  ["a new stack gets the config", create, ["{}"]],
  ["a new config takes the old one's place", update, ["{}"]],
  ["a stack that goes leaves the config where it is", remove, []],
] as const;

for (const [sentence, event, expected] of rows) {
  test(sentence, async () => {
    const put: string[] = [];
    const answer = await publish(event, {
      readConfig: async () => Buffer.from("{}"),
      putConfig: async (json) => {
        put.push(Buffer.from(json).toString());
      },
      describeError: String,
    });
    assert.deepEqual(put, expected);
    assert.deepEqual(answer, done);
  });
}

for (const length of [1000, 1001]) {
  test(`CloudFormation is told why it failed, ${length} characters cut at 1,000`, async () => {
    const answer = await publish(create, {
      readConfig: async () => Buffer.from("{}"),
      putConfig: async () => {
        throw new Error("no");
      },
      describeError: () => "x".repeat(length),
    });
    assert.deepEqual(answer, { ...done, Status: "FAILED", Reason: "x".repeat(1000) });
  });
}
