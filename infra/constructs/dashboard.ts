import type { Alarm, IMetric, IWidget } from "aws-cdk-lib/aws-cloudwatch";
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  GraphWidgetView,
  MathExpression,
  SingleValueWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import { deadLetterQueueName, pipeline } from "../pipeline.ts";
import { planFor, sum } from "../plan/plan.ts";
import { prices } from "../plan/prices.ts";
import { fullWidth, halfWidth, logTable, tables, unsettled, verdicts } from "./log-tables.ts";
import { ageOf, createMetrics, depthOf, heldBy, type Metrics, period, sumOf } from "./metrics.ts";
import { queueNamed, type StageQueues } from "./stage-queues.ts";

export interface DashboardDeps {
  readonly service: string;
  readonly config: Config;
  readonly alarms: readonly Alarm[];
  readonly queues: StageQueues;
  readonly functions: readonly lambda.Function[];
  /** Those of them that mail goes through. */
  readonly stages: readonly lambda.Function[];
}

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
      [verdicts(deps.service)],
      endpoints(deps, metrics),
      [endToEnd(metrics)],
      [cost(metrics)],
      [unsettled(deps.service)],
      tables(deps.service),
    ],
  });
}

const graph = (title: string, left: readonly IMetric[], width = thirdWidth) =>
  new GraphWidget({ title, left: [...left], width, leftYAxis: { min: 0 }, period });

function totals({ queues: all }: DashboardDeps, { outcomes, gauge }: Metrics): IWidget {
  const dead = pipeline.map(({ stage }) => depthOf(queueNamed(all, deadLetterQueueName(stage))));
  const held = pipeline.flatMap(({ stage }) => heldBy(queueNamed(all, stage)));
  return new SingleValueWidget({
    title:
      "Mail: accepted = delivered + dropped + quarantined + dead + under way (to two endpoints, delivered twice)",
    width: fullWidth,
    height: 3,
    setPeriodToTimeRange: true,
    metrics: [
      outcomes("smtp", "accepted").with({ label: "accepted" }),
      outcomes("smtp", "refused").with({ label: "rejected" }),
      outcomes("deliver", "delivered").with({ label: "delivered" }),
      outcomes("route", "dropped").with({ label: "dropped" }),
      outcomes("route", "quarantined").with({ label: "quarantined" }),
      sumOf(dead, "dead"),
      sumOf(held, "under way"),
      gauge("Unaccounted").with({ label: "unaccounted" }),
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
      'filter Stage = "smtp"',
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

/** Beyond 50 metrics a dashboard costs, whatever the allowance: those that no mail waits for show errors alone. */
const functions = ({ functions: all, stages }: DashboardDeps): IWidget[] => [
  graph(
    "Function errors",
    all.map((one) => one.metricErrors({ period })),
  ),
  graph(
    "Stage throttles",
    stages.map((one) => one.metricThrottles({ period })),
  ),
  graph(
    "Stage duration p95, ms",
    stages.map((one) => one.metricDuration({ period, statistic: "p95" })),
  ),
];

function endpoints({ config }: DashboardDeps, { endpoint, attempts }: Metrics): IWidget[] {
  const names = Object.keys(config.endpoints);
  const of = (name: "Failures" | "DurationMs", statistic: string) =>
    names.map((one) => endpoint(one, name, statistic).with({ label: one }));
  return [
    graph(
      "Attempts by endpoint",
      names.map((one) => attempts(one).with({ label: one })),
    ),
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

/** Whatever the mails' real sizes are: S3 and SQS ask by the request. */
const assumedSizeKb = 32;

function cost({ outcomes }: Metrics): IWidget {
  const { fixed, perMail } = planFor({
    mailsPerMonth: 1_000_000,
    sizeBytes: assumedSizeKb * 1024,
    peakFactor: 1,
  });
  const perMillion = sum(perMail).dollars;
  return new SingleValueWidget({
    title: `Estimated cost in US dollars, of mail of ${assumedSizeKb} KB; $${sum(fixed).dollars.toFixed(0)} a month come on top (prices of ${prices.region}, ${prices.date})`,
    width: fullWidth,
    height: 3,
    setPeriodToTimeRange: true,
    metrics: [
      new MathExpression({
        expression: `FILL(accepted, 0) * ${(perMillion / 1_000_000).toFixed(8)}`,
        usingMetrics: { accepted: outcomes("smtp", "accepted") },
        label: "mail of this time",
        period,
      }),
    ],
  });
}
