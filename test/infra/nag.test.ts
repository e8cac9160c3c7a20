import assert from "node:assert/strict";
import { test } from "node:test";
import { App, Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import type * as z from "zod";
import type { Deployment } from "../../infra/deployment.ts";
import { synthesiseStack } from "./synthesised.ts";

const violations = (stack: Stack) =>
  new AwsSolutionsChecks(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName);

const deployments: readonly (readonly [string, z.input<typeof Deployment>])[] = [
  ["as it is by default", {}],
  [
    "with everything on",
    {
      encryption: "kms",
      isVersioned: true,
      alarmEmail: "ops@example.com",
      ports: [25, 587],
      hostedZone: { id: "Z0123456789", name: "example.com" },
    },
  ],
];

for (const [sentence, deployment] of deployments) {
  test(`AWS Solutions finds nothing in the stack ${sentence} that has no reason`, () => {
    assert.deepEqual(violations(synthesiseStack(deployment)), []);
  });
}

test("the rules are in force", () => {
  const stack = new Stack(new App(), "bare");
  new Bucket(stack, "Bucket");
  assert.deepEqual(violations(stack), ["AwsSolutions-S1", "AwsSolutions-S10"]);
});
