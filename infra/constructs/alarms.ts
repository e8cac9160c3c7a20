import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { NetworkTargetGroup } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import { canaryName } from "../../functions/publish/with-canary.ts";
import type { Deployment } from "../deployment.ts";
import { deadLetterQueueName, pipeline } from "../pipeline.ts";
import { createAlarmTopic } from "./alarm-topic.ts";
import { ageOf, createMetrics, depthOf, lessOf, percentOf, period, sumOf } from "./metrics.ts";
import { queueNamed, type StageQueues } from "./stage-queues.ts";

interface AlarmRow {
  readonly id: string;
  /** What to do about it: a section of docs/runbook.md. */
  readonly section: string;
  readonly says: string;
  readonly metric: IMetric;
  /** Above it, unless said otherwise. */
  readonly threshold: number;
  readonly comparison?: ComparisonOperator;
  /** Of 5 minutes, all of which must be past the threshold. */
  readonly periods: number;
  /** Most metrics are there only when something happens. */
  readonly missing?: TreatMissingData;
}

export interface AlarmsDeps {
  readonly config: Config;
  readonly deployment: Deployment;
  readonly account: string;
  readonly queues: StageQueues;
  readonly targets: NetworkTargetGroup;
  /** Those that mail goes through. */
  readonly stages: readonly lambda.Function[];
  readonly audit: lambda.Function;
  readonly isCertificateWatched: boolean;
}

/** A certificate is renewed when a third of its time is left: 30 days of the usual 90. */
const certificateDaysMin = 10;

/** A webhook may be tried for days; all else should be under way at once. */
const ageMaxSeconds = (stage: string) => (stage === "deliver" ? 24 * 3600 : 15 * 60);

/** Makes every alarm, and the topic that they tell. */
export function createAlarms(scope: Construct, deps: AlarmsDeps): readonly Alarm[] {
  const within = new Construct(scope, "Alarms");
  const topic = createAlarmTopic(within, deps);
  return [
    ...queueRows(deps),
    ...frontEndRows(deps),
    ...functionRows(deps),
    ...endpointRows(deps),
    ...promiseRows(deps),
  ].map((row) => {
    const { id, section, says, comparison = ComparisonOperator.GREATER_THAN_THRESHOLD } = row;
    const alarm = new Alarm(within, id, {
      alarmName: `${deps.deployment.service}-${id}`,
      alarmDescription: `${says}. What to do: docs/runbook.md#${section}`,
      metric: row.metric,
      threshold: row.threshold,
      comparisonOperator: comparison,
      evaluationPeriods: row.periods,
      treatMissingData: row.missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    return alarm;
  });
}

const queueRows = ({ queues }: AlarmsDeps): AlarmRow[] =>
  pipeline.flatMap(({ stage }) => [
    {
      id: `${stage}-dead-letters`,
      section: "dead-letters",
      says: `Mail is in the dead-letter queue of ${stage}`,
      metric: depthOf(queueNamed(queues, deadLetterQueueName(stage))),
      threshold: 0,
      periods: 1,
    },
    {
      id: `${stage}-queue-age`,
      section: "queue-age",
      says: `Mail waits too long for ${stage}`,
      metric: ageOf(queueNamed(queues, stage)),
      threshold: ageMaxSeconds(stage),
      periods: 1,
    },
  ]);

function frontEndRows({ deployment, targets }: AlarmsDeps): AlarmRow[] {
  const { outcomes, duration, problems } = createMetrics(deployment.service);
  const [accepted, refused, again] = ["accepted", "refused", "again"].map((outcome) =>
    outcomes("smtp", outcome),
  );
  if (accepted === undefined || refused === undefined || again === undefined) return [];
  return [
    {
      id: "no-healthy-task",
      section: "no-healthy-task",
      says: "No mail is taken: the front end has no healthy task",
      metric: targets.metrics.healthyHostCount({ statistic: "Minimum", period }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 1,
      missing: TreatMissingData.BREACHING,
    },
    {
      id: "tasks-at-maximum",
      section: "tasks-at-maximum",
      says: "The front end has as many tasks as it may have",
      metric: targets.metrics.healthyHostCount({ statistic: "Maximum", period }),
      threshold: deployment.tasks.max,
      comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      periods: 3,
    },
    {
      id: "store-failures",
      section: "store-failures",
      says: "Mail was answered 451 since it could not be stored",
      metric: again,
      threshold: 5,
      periods: 1,
    },
    {
      id: "temporary-failures",
      section: "temporary-failures",
      says: "More than 5 percent of transactions end with 451",
      metric: percentOf(again, [accepted, refused], { atLeast: 20, label: "451, percent" }),
      threshold: 5,
      periods: 3,
    },
    {
      id: "slow-accept",
      section: "slow-accept",
      says: "One transaction in twenty takes over 10 seconds from MAIL to 250",
      metric: duration("smtp", "accepted", "p95"),
      threshold: 10_000,
      periods: 3,
    },
    {
      id: "config-refused",
      section: "config-refused",
      says: "The config in the bucket cannot stand; the last good one is in force",
      metric: problems("config-refused"),
      threshold: 0,
      periods: 1,
    },
  ];
}

/** What is to be proved again and again: that mail passes, that none is missing, that the certificate lasts. */
function promiseRows({ deployment, isCertificateWatched }: AlarmsDeps): AlarmRow[] {
  const { endpoint, attempts, gauge } = createMetrics(deployment.service);
  const ending: AlarmRow = {
    id: "certificate-ending",
    section: "certificate-ending",
    says: `The certificate ends in less than ${certificateDaysMin} days, or nobody looked at it for half a day`,
    metric: gauge("CertificateDaysLeft").with({ statistic: "Minimum", period: Duration.hours(6) }),
    threshold: certificateDaysMin,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    periods: 2,
    missing: TreatMissingData.BREACHING,
  };
  return [
    {
      id: "canary-lost",
      section: "canary-lost",
      says: "No canary mail came back for 15 minutes: mail may not get through",
      metric: lessOf(
        attempts(canaryName),
        endpoint(canaryName, "Failures", "Sum"),
        "canaries that came back",
      ),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 3,
      missing: TreatMissingData.BREACHING,
    },
    {
      id: "unaccounted",
      section: "unaccounted",
      says: "Mail was accepted, and nothing was said of it for over an hour",
      metric: gauge("Unaccounted").with({ statistic: "Maximum", period: Duration.hours(1) }),
      threshold: 0,
      periods: 1,
    },
    ...(isCertificateWatched ? [ending] : []),
  ];
}

/** That canary or renewal fail, their own alarms tell: each metric of an alarm costs. */
const functionRows = ({ stages, audit }: AlarmsDeps): AlarmRow[] => [
  {
    id: "function-errors",
    section: "function-errors",
    says: "A stage, or the audit, failed as a whole",
    metric: sumOf(
      [...stages, audit].map((one) => one.metricErrors({ period })),
      "errors",
    ),
    threshold: 0,
    periods: 2,
  },
  {
    id: "function-throttles",
    section: "function-throttles",
    says: "A stage was held back by the account's concurrency",
    metric: sumOf(
      stages.map((one) => one.metricThrottles({ period })),
      "throttles",
    ),
    threshold: 0,
    periods: 3,
  },
];

function endpointRows({ config, deployment }: AlarmsDeps): AlarmRow[] {
  const { endpoint } = createMetrics(deployment.service);
  return Object.keys(config.endpoints).map((name) => ({
    id: `endpoint-${name}-failing`,
    section: "endpoint-failing",
    says: `Over half of all attempts to deliver to ${name} fail`,
    metric: endpoint(name, "Failures", "Average"),
    threshold: 0.5,
    periods: 3,
  }));
}
