import { Duration } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

/** Calls a function every so many minutes. */
export function callEvery(minutes: number, called: lambda.Function): void {
  new events.Rule(new Construct(called, "Scheduled"), "Rule", {
    description: `Mailchute: every ${minutes} minutes`,
    schedule: events.Schedule.rate(Duration.minutes(minutes)),
    targets: [new LambdaFunction(called)],
  });
}
