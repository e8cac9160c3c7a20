import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Match } from "aws-cdk-lib/assertions";
import * as z from "zod";
import { pipeline } from "../../infra/pipeline.ts";
import { exampleConfig, synthesise } from "./synthesised.ts";

const template = synthesise({
  alarmEmail: "ops@example.com",
  hostedZone: { id: "Z0123456789", name: "example.com" },
});

const AlarmResource = z.object({
  Properties: z.object({
    AlarmName: z.string(),
    AlarmDescription: z.string(),
    Threshold: z.number(),
    EvaluationPeriods: z.number(),
    TreatMissingData: z.enum(["notBreaching", "breaching"]),
    AlarmActions: z.array(z.unknown()).length(1),
    OKActions: z.array(z.unknown()).length(1),
  }),
});

const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm")).map(
  (resource) => AlarmResource.parse(resource).Properties,
);
const names = alarms.map(({ AlarmName }) => AlarmName.replace("mailchute-", ""));

const runbook = readFileSync("docs/runbook.md", "utf8");
const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);

for (const { AlarmName, AlarmDescription } of alarms) {
  test(`${AlarmName} has a section in the runbook, with something in it`, () => {
    const section = /docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription)?.[1] ?? "";
    assert.ok(sections.includes(section), AlarmDescription);
    const [, text = ""] = runbook.split(`\n## ${section}\n`);
    assert.ok(text.split("\n## ")[0]?.trim());
  });
}

test("every section of the runbook is some alarm's", () => {
  const linked = new Set(alarms.map(({ AlarmDescription }) => AlarmDescription.split("#")[1]));
  assert.deepEqual(new Set(sections), linked);
});

test("there is an alarm for everything that loses time or mail", () => {
  const endpoints = Object.keys(exampleConfig.endpoints);
  const stages = pipeline.map(({ stage }) => stage);
  const wanted = [
    ...stages.flatMap((stage) => [`${stage}-dead-letters`, `${stage}-queue-age`]),
    ...endpoints.map((name) => `endpoint-${name}-failing`),
    "no-healthy-task",
    "tasks-at-maximum",
    "store-failures",
    "temporary-failures",
    "slow-accept",
    "config-refused",
    "function-errors",
    "function-throttles",
    "canary-lost",
    "certificate-ending",
    "unaccounted",
  ];
  assert.deepEqual(names.toSorted(), wanted.toSorted());
});

test("where nothing is heard at all, the front end is down, the canary dead, and the certificate unwatched", () => {
  const missing = alarms.filter(({ TreatMissingData }) => TreatMissingData === "breaching");
  assert.deepEqual(
    missing.map(({ AlarmName }) => AlarmName),
    ["mailchute-no-healthy-task", "mailchute-canary-lost", "mailchute-certificate-ending"],
  );
});

test("one dead letter is enough", () => {
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmName: "mailchute-deliver-dead-letters",
    ComparisonOperator: "GreaterThanThreshold",
    Threshold: 0,
    EvaluationPeriods: 1,
  });
});

test("alarms are told to a topic, and by mail to who is named", () => {
  template.resourceCountIs("AWS::SNS::Topic", 1);
  template.hasResourceProperties("AWS::SNS::Subscription", {
    Protocol: "email",
    Endpoint: "ops@example.com",
  });
  template.hasResourceProperties("AWS::SNS::TopicPolicy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" } }),
      ]),
    },
  });
});
