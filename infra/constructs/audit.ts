import { ArnFormat, Stack, Validations } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { logGroupsOf } from "../../functions/aws/log.ts";
import { createFunction } from "./bundled-function.ts";
import { allow } from "./grants.ts";
import { callEvery } from "./schedule.ts";

const everyMinutes = 60;

/** Looks every hour for mail that was accepted and that nothing was said of since. */
export function createAudit(scope: Construct, service: string): lambda.Function {
  const logGroups = logGroupsOf(service);
  const { created, role } = createFunction(scope, "Audit", {
    functionName: `${service}-audit`,
    description: "Mailchute: counts mail that is unaccounted for",
    entry: "functions/audit/handler.ts",
    memoryMb: 128,
    timeoutSeconds: 300,
    environment: { MAILCHUTE_SERVICE: service, MAILCHUTE_LOG_GROUPS: logGroups.join(",") },
  });
  const stack = Stack.of(scope);
  const arns = logGroups.map((resourceName) =>
    stack.formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: `${resourceName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  for (const group of logGroups) {
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:${group}:*]`,
      reason: "A log group's ARN ends with a star, which stands for its streams",
    });
  }
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason: "logs:GetQueryResults goes by the id of a query, and knows no resource",
  });
  allow(role, ["logs:StartQuery"], arns);
  allow(role, ["logs:GetQueryResults"], ["*"]);
  callEvery(everyMinutes, created);
  return created;
}
