import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { plan } from "../../infra/cli/plan.ts";
import { pipeline } from "../../infra/pipeline.ts";
import { planFor, sum } from "../../infra/plan/plan.ts";
import { fixed, usageOf } from "../../infra/plan/usage.ts";
import { recordOneMail } from "./recorded-calls.ts";
import { synthesise } from "./synthesised.ts";

const million = 1_000_000;
const load = { mailsPerMonth: million, sizeBytes: 32 * 1024, peakFactor: 5 };

for (const kb of [2, 32, 60, 64, 1024]) {
  test(`a mail of ${kb} KB makes the calls that the plan counts`, async () => {
    const { requests, webhookBytes, logBytes } = await recordOneMail(kb * 1024);
    const of = (action: string) => requests.filter((request) => request.startsWith(`${action} `)).length;
    const usage = usageOf(kb * 1024);
    assert.deepEqual(
      // The front end's own PUT, and the bucket's message to parse, come before the functions.
      { puts: 1 + of("s3:PutObject"), gets: of("s3:GetObject"), sends: 1 + of("sqs:SendMessage") },
      { puts: usage.s3Puts, gets: usage.s3Gets, sends: usage.sqsSends },
    );
    assert.equal(requests.length, of("s3:PutObject") + of("s3:GetObject") + of("sqs:SendMessage"));
    isAbout(usage.webhookBytes, webhookBytes, 0.25);
    isAbout(usage.logBytes - 900, logBytes, 0.1);
  });
}

test("the fixed part is that of the stack with one webhook and a certificate", () => {
  const template = synthesise(
    { hostedZone: { id: "Z0123456789", name: "example.com" } },
    {
      hostname: "mx.example.com",
      endpoints: { helpdesk: { url: "https://app.example.com/hooks/mail" } },
      routes: [{ name: "rest", when: { recipient: "*@example.com" }, to: ["helpdesk"] }],
    },
  );
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

test("the first million mails of 32 KB cost at most 12 dollars, and what is fixed at most 60", () => {
  const { fixed: fixedLines, perMail } = planFor(load);
  const [constant, variable] = [sum(fixedLines), sum(perMail)];
  assert.ok(variable.dollars - variable.allowedDollars <= 12);
  assert.ok(constant.dollars - constant.allowedDollars <= 60);
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

function isAbout(planned: number, counted: number, within: number): void {
  assert.ok(Math.abs(planned - counted) <= within * counted, `${planned} for ${counted}`);
}
