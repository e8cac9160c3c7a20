import type { Alarm, IMetric, IWidget } from "aws-cdk-lib/aws-cloudwatch";
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  GraphWidgetView,
  LogQueryVisualizationType,
  LogQueryWidget,
  SingleValueWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import { deadLetterQueueName, pipeline } from "../pipeline.ts";
import { ageOf, createMetrics, depthOf, type Metrics, period, sumOf } from "./metrics.ts";
import { queueNamed, type StageQueues } from "./stage-queues.ts";

export interface DashboardDeps {
  readonly service: string;
  readonly config: Config;
  readonly alarms: readonly Alarm[];
  readonly queues: StageQueues;
  readonly functions: readonly lambda.Function[];
}

const fullWidth = 24;
const halfWidth = 12;
const thirdWidth = 8;

/** What an operator looks at, the most urgent first. */
export function createDashboard(scope: Construct, deps: DashboardDeps): void {
  const metrics = createMetrics(deps.service);
  new Dashboard(scope, "Dashboard", {
    dashboardName: deps.service,
    widgets: [
      [new AlarmStatusWidget({ title: "Alarms", alarms: [...deps.alarms], width: fullWidth, height: 4 })],
      [totals(deps, metrics)],
      [funnel(metrics)],
      frontEnd(deps, metrics),
      queues(deps),
      functions(deps),
      [verdicts(deps)],
      endpoints(deps, metrics),
      [endToEnd(metrics)],
      tables(deps),
    ],
  });
}

const graph = (title: string, left: readonly IMetric[], width = thirdWidth) =>
  new GraphWidget({ title, left: [...left], width, leftYAxis: { min: 0 }, period });

function totals({ queues: all }: DashboardDeps, { outcomes }: Metrics): IWidget {
  const dead = pipeline.map(({ stage }) => depthOf(queueNamed(all, deadLetterQueueName(stage))));
  return new SingleValueWidget({
    title: "Mail",
    width: fullWidth,
    height: 3,
    setPeriodToTimeRange: true,
    metrics: [
      outcomes("smtp", "accepted").with({ label: "accepted" }),
      outcomes("smtp", "refused").with({ label: "rejected" }),
      outcomes("deliver", "delivered").with({ label: "delivered" }),
      sumOf(dead, "dead"),
    ],
  });
}

/** The outcomes that take a message on to the next stage. */
const onward = [
  ["smtp", "accepted"],
  ["parse", "parsed"],
  ["validate", "validated"],
  ["route", "routed"],
  ["deliver", "delivered"],
] as const;

const funnel = ({ outcomes }: Metrics) =>
  new GraphWidget({
    title: "From stage to stage (a mail to two endpoints is routed twice)",
    view: GraphWidgetView.BAR,
    setPeriodToTimeRange: true,
    width: fullWidth,
    left: onward.map(([stage, outcome]) => outcomes(stage, outcome).with({ label: `${stage}: ${outcome}` })),
  });

const frontEnd = ({ service }: DashboardDeps, { duration }: Metrics): IWidget[] => [
  logTable(
    "SMTP replies to transactions",
    service,
    ["smtp"],
    [
      "filter Stage = 'smtp'",
      "fields coalesce(substr(reply, 0, 9), Outcome) as answer",
      "stats count() as transactions by answer",
      "sort transactions desc",
    ],
  ),
  graph(
    "From MAIL to 250, ms",
    ["p50", "p95", "p99"].map((statistic) =>
      duration("smtp", "accepted", statistic).with({ label: statistic }),
    ),
    halfWidth,
  ),
];

function queues({ queues: all }: DashboardDeps): IWidget[] {
  const live = pipeline.map(({ stage }) => ({ stage, queue: queueNamed(all, stage) }));
  const dead = pipeline.map(({ stage }) => ({ stage, queue: queueNamed(all, deadLetterQueueName(stage)) }));
  return [
    graph(
      "Oldest message, seconds",
      live.map(({ stage, queue }) => ageOf(queue).with({ label: stage })),
    ),
    graph(
      "Messages waiting",
      live.map(({ stage, queue }) => depthOf(queue).with({ label: stage })),
    ),
    graph(
      "Dead letters",
      dead.map(({ stage, queue }) => depthOf(queue).with({ label: stage })),
    ),
  ];
}

const functions = ({ functions: all }: DashboardDeps): IWidget[] => [
  graph(
    "Function errors",
    all.map((one) => one.metricErrors({ period })),
  ),
  graph(
    "Function throttles",
    all.map((one) => one.metricThrottles({ period })),
  ),
  graph(
    "Function duration p95, ms",
    all.map((one) => one.metricDuration({ period, statistic: "p95" })),
  ),
];

const verdicts = ({ service }: DashboardDeps): IWidget =>
  logTable(
    "Authentication",
    service,
    ["validate"],
    [
      "filter Stage = 'validate' and Outcome = 'validated'",
      "stats count() as mails by dmarc, spf, arc, senderVerified",
      "sort mails desc",
    ],
    fullWidth,
  );

function endpoints({ config }: DashboardDeps, { endpoint }: Metrics): IWidget[] {
  const names = Object.keys(config.endpoints);
  const of = (name: "Count" | "Failures" | "DurationMs", statistic: string) =>
    names.map((one) => endpoint(one, name, statistic).with({ label: one }));
  return [
    graph("Attempts by endpoint", of("Count", "Sum")),
    graph("Failures by endpoint", of("Failures", "Sum")),
    graph("Attempt p95 by endpoint, ms", of("DurationMs", "p95")),
  ];
}

const endToEnd = (metrics: Metrics) =>
  graph(
    "From 250 to the endpoint's answer, ms",
    ["p50", "p95", "p99"].map((statistic) => metrics.endToEnd(statistic).with({ label: statistic })),
    fullWidth,
  );

const tables = ({ service }: DashboardDeps): IWidget[] => [
  logTable(
    "Last failures",
    service,
    ["smtp", ...pipeline.map(({ stage }) => stage)],
    [
      "filter Outcome in ['again', 'dead', 'retry', 'unrouted']",
      "fields @timestamp, Stage, Outcome, id, endpoint, status, reason",
      "sort @timestamp desc",
      "limit 50",
    ],
  ),
  logTable(
    "Slowest deliveries",
    service,
    ["deliver"],
    [
      "filter Stage = 'deliver' and Outcome = 'delivered'",
      "fields EndToEndMs, id, endpoint, attempt, DurationMs",
      "sort EndToEndMs desc",
      "limit 20",
    ],
  ),
  logTable(
    "By endpoint",
    service,
    ["deliver"],
    [
      "filter Stage = 'deliver'",
      "stats sum(1 - Failures) as delivered, sum(Failures) as failures, pct(DurationMs, 95) as p95 by endpoint",
    ],
  ),
  new TextWidget({
    width: halfWidth,
    height: 6,
    markdown: [
      "Dead letters go back to their queue as they were:",
      "",
      "```",
      `queue=$(aws sqs get-queue-url --queue-name ${service}-deliver-dead --query QueueUrl --output text)`,
      'arn=$(aws sqs get-queue-attributes --queue-url "$queue" --attribute-names QueueArn --query Attributes.QueueArn --output text)',
      'aws sqs start-message-move-task --source-arn "$arn"',
      "```",
    ].join("\n"),
  }),
];

function logTable(
  title: string,
  service: string,
  stages: readonly string[],
  queryLines: readonly string[],
  width = halfWidth,
): IWidget {
  return new LogQueryWidget({
    title,
    width,
    height: 6,
    view: LogQueryVisualizationType.TABLE,
    logGroupNames: stages.map((stage) => `/mailchute/${service}-${stage}`),
    queryLines: [...queryLines],
  });
}
