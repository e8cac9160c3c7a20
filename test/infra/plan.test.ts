import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createGauge, createLog } from "../../functions/aws/log.ts";
import { smtpEvent } from "../../functions/smtp/events.ts";
import { plan } from "../../infra/cli/plan.ts";
import { pipeline } from "../../infra/pipeline.ts";
import { planFor, sum } from "../../infra/plan/plan.ts";
import { fixed, logEventBytes, usageOf } from "../../infra/plan/usage.ts";
import { envelope } from "../validate/mail.ts";
import { recordOneMail } from "./recorded-calls.ts";
import { ordinaryDeployment, synthesise } from "./synthesised.ts";

const million = 1_000_000;
const load = { mailsPerMonth: million, sizeBytes: 32 * 1024, peakFactor: 5 };

const acceptedLine = () => loggedLine(({ log }) => log(frontEndEvent("accepted")));

for (const kb of [2, 32, 60, 64, 1024]) {
  test(`a mail of ${kb} KB makes the calls that the plan counts`, async () => {
    const { requests, webhookBytes, logLines } = await recordOneMail(kb * 1024);
    const of = (action: string) => requests.filter((request) => request.startsWith(`${action} `)).length;
    const usage = usageOf(kb * 1024);
    assert.deepEqual(
      // The front end's own PUT, and the bucket's message to parse, come before the functions.
      { puts: 1 + of("s3:PutObject"), gets: of("s3:GetObject"), sends: 1 + of("sqs:SendMessage") },
      { puts: usage.s3Puts, gets: usage.s3Gets, sends: usage.sqsSends },
    );
    assert.equal(requests.length, of("s3:PutObject") + of("s3:GetObject") + of("sqs:SendMessage"));
    isAbout(usage.webhookBytes, webhookBytes, 0.25);
    const events = [acceptedLine(), ...logLines];
    const logBytes = events.reduce((total, line) => total + Buffer.byteLength(line) + logEventBytes, 0);
    isAbout(usage.logBytes, logBytes, 0.05);
  });
}

test("the fixed part is that of the stack with one webhook and a certificate", () => {
  const template = synthesise(...ordinaryDeployment);
  const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
  const metrics = alarms.flatMap(({ Properties }) =>
    Properties.Metrics === undefined
      ? [Properties.MetricName]
      : Properties.Metrics.filter(({ MetricStat }: { MetricStat?: object }) => MetricStat !== undefined),
  );
  assert.equal(metrics.length, fixed.alarmMetrics);
  template.resourceCountIs("AWS::SecretsManager::Secret", fixed.secrets);
  template.resourceCountIs("AWS::CloudWatch::Dashboard", fixed.dashboards);
  template.resourceCountIs("AWS::Lambda::EventSourceMapping", pipeline.length);
  template.hasResourceProperties("AWS::ECS::TaskDefinition", {
    Cpu: String(fixed.tasks.vcpu * 1024),
    Memory: String(fixed.tasks.memoryGb * 1024),
  });
  template.hasResourceProperties("AWS::ApplicationAutoScaling::ScalableTarget", {
    MinCapacity: fixed.tasks.count,
  });
});

test("a quiet deployment writes the metrics that the plan counts: the canary's, what is refused, and the gauges", async () => {
  const { logLines } = await recordOneMail(1024);
  const lines = [
    ...logLines,
    acceptedLine(),
    loggedLine(({ log }) => log(frontEndEvent("refused"))),
    ...(["CertificateDaysLeft", "Unaccounted"] as const).map((name) =>
      loggedLine(({ gauge }) => gauge(name, 0)),
    ),
  ];
  assert.equal(new Set(lines.flatMap(seriesIn)).size, fixed.metrics);
});

test("the first million mails of 32 KB cost at most 12 dollars after the allowance, and what is fixed at most 60 without it", () => {
  const { fixed: fixedLines, perMail } = planFor(load);
  const [constant, variable] = [sum(fixedLines), sum(perMail)];
  assert.ok(variable.dollars - variable.allowedDollars <= 12);
  assert.ok(constant.dollars <= 60);
});

test("where SES receiving costs the same, a mail less makes it cheaper, and one more dearer", () => {
  const at = planFor(load).sesCheaperBelow ?? 0;
  const difference = (mailsPerMonth: number) => {
    const { fixed: fixedLines, perMail, sesDollars } = planFor({ ...load, mailsPerMonth });
    return sum(fixedLines).dollars + sum(perMail).dollars - sesDollars;
  };
  assert.ok(difference(at) <= 0);
  assert.ok(difference(at - 1) > 0);
});

test("docs/deploy.md says what the plan says", () => {
  const { fixed: fixedLines, perMail } = planFor(load);
  const costs = [sum(fixedLines), sum(perMail)].flatMap((part) => [
    part.dollars,
    part.dollars - part.allowedDollars,
  ]);
  const text = readFileSync("docs/deploy.md", "utf8");
  for (const cost of costs) assert.ok(text.includes(`| $${cost.toFixed(2)} `), `$${cost.toFixed(2)}`);
});

const loads = [
  ["two tasks are there whatever comes", { ...load, mailsPerMonth: 1 }, 2],
  ["a thousand million a month need 13 at the peak", { ...load, mailsPerMonth: 1000 * million }, 13],
] as const;

for (const [sentence, given, tasks] of loads) test(sentence, () => assert.equal(planFor(given).tasks, tasks));

test("the text says what it counts, for which prices, and when SES is cheaper", () => {
  const { text } = plan({ mailsPerMonth: million, sizeKb: 32, peak: 5 });
  assert.match(text, /S3 PUT +1 million +\$5\.00/);
  assert.match(text, /Below [\d,]+ mails a month SES receiving costs less/);
  assert.match(text, /us-east-1, \d{4}-\d\d-\d\d/);
});

const frontEndEvent = (outcome: "accepted" | "refused") =>
  smtpEvent({
    id: "0192f0c1-2345-7abc-8def-0123456789ab",
    outcome,
    envelope: { ...envelope, mailFrom: "alice@mail.example.org", remoteName: "mail-out-12.example.org" },
    refusedRecipients: 0,
    startedMs: 0,
    nowMs: 1234,
    detail: {
      ...{ sizeBytes: 32_768, bareNewlines: 0, longLines: 0 },
      reply: "250 2.0.0 Ok: stored as 0192f0c1-2345-7abc-8def-0123456789ab",
    },
  });

function loggedLine(
  write: (by: {
    readonly log: ReturnType<typeof createLog>;
    readonly gauge: ReturnType<typeof createGauge>;
  }) => void,
): string {
  const lines: string[] = [];
  const deps = { service: "mailchute", write: (line: string) => void lines.push(line), now: Date.now };
  write({ log: createLog(deps), gauge: createGauge(deps) });
  return lines.join("");
}

/** The metrics that a line of CloudWatch's embedded format makes, each told apart by its dimensions' values. */
function seriesIn(text: string): readonly string[] {
  const line = JSON.parse(text);
  const directives: readonly { Dimensions: [string[]]; Metrics: { Name: string }[] }[] =
    line._aws.CloudWatchMetrics;
  return directives.flatMap(({ Dimensions: [names], Metrics }) =>
    Metrics.map(({ Name }) => [Name, ...names.map((name) => line[name])].join(" ")),
  );
}

function isAbout(planned: number, counted: number, within: number): void {
  assert.ok(Math.abs(planned - counted) <= within * counted, `${planned} for ${counted}`);
}
