import assert from "node:assert/strict";
import { test } from "node:test";
import { App, Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { everythingOn, synthesiseStack } from "./synthesised.ts";

const violations = (stack: Stack) =>
  new AwsSolutionsChecks(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName);

const stacks = [
  ["as it is by default", synthesiseStack({})],
  ["with everything on", synthesiseStack(...everythingOn)],
] as const;

for (const [sentence, stack] of stacks) {
  test(`AWS Solutions finds nothing in the stack ${sentence} that has no reason`, () => {
    assert.deepEqual(violations(stack), []);
  });
}

test("the rules are in force", () => {
  const stack = new Stack(new App(), "bare");
  new Bucket(stack, "Bucket");
  assert.deepEqual(violations(stack), ["AwsSolutions-S1", "AwsSolutions-S10"]);
});
