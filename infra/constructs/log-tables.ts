/** What the logs say, in tables: the stages' events, each a line of JSON. */
import {
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { ofAcceptedMail } from "../../functions/audit/audit.ts";
import { logGroupsOf } from "../../functions/aws/log.ts";
import { stageNames } from "../../functions/mail/stage-event.ts";

export const fullWidth = 24;
export const halfWidth = 12;

export function logTable(
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
    logGroupNames: logGroupsOf(service, stages),
    queryLines: [...queryLines],
  });
}

export const verdicts = (service: string): IWidget =>
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

/** Metrics count a stage that ran twice for one mail as two: this goes by the mail. */
export const unsettled = (service: string): IWidget =>
  logTable(
    "Accepted and not settled, by the last that was said of each mail; the oldest first",
    service,
    stageNames,
    [
      ofAcceptedMail,
      "stats earliest(at) as since, latest(Stage) as stage, latest(Outcome) as outcome by id",
      "filter outcome not in ['delivered', 'dropped', 'quarantined', 'dead', 'unrouted']",
      "sort since asc",
      "limit 50",
    ],
    fullWidth,
  );

export const tables = (service: string): IWidget[] => [
  logTable("Last failures", service, stageNames, [
    "filter Outcome in ['again', 'dead', 'retry', 'unrouted']",
    "fields @timestamp, Stage, Outcome, id, endpoint, status, reason",
    "sort @timestamp desc",
    "limit 50",
  ]),
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
