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
      'filter Stage = "validate" and Outcome = "validated"',
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
      'filter outcome not in ["delivered", "dropped", "quarantined", "dead", "unrouted"]',
      "sort since asc",
      "limit 50",
    ],
    fullWidth,
  );

/** Each beside what sends its mail once more. */
export const tables = (service: string): IWidget[] => [
  logTable("Last failures", service, stageNames, [
    'filter Outcome in ["again", "dead", "retry", "unrouted"]',
    "fields @timestamp, Stage, Outcome, id, endpoint, status, reason",
    "sort @timestamp desc",
    "limit 50",
  ]),
  commands("What is dead goes back to the queue of its stage; or one mail is sent through all stages anew:", [
    `npx mailchute --stack ${service} redrive deliver`,
    `npx mailchute --stack ${service} replay <id>`,
  ]),
  logTable(
    "Slowest deliveries",
    service,
    ["deliver"],
    [
      'filter Stage = "deliver" and Outcome = "delivered"',
      "fields EndToEndMs, id, endpoint, attempt, DurationMs",
      "sort EndToEndMs desc",
      "limit 20",
    ],
  ),
  commands("Each attempt at a mail; and the mail once more, to that endpoint alone:", [
    `npx mailchute --stack ${service} show <id>`,
    `npx mailchute --stack ${service} replay <id> --endpoint <endpoint>`,
  ]),
  logTable(
    "By endpoint",
    service,
    ["deliver"],
    [
      'filter Stage = "deliver"',
      "fields 1 - Failures as success",
      "stats sum(success) as delivered, sum(Failures) as failures, pct(DurationMs, 95) as p95 by endpoint",
    ],
  ),
  commands("All that came within a time, once more, to one endpoint alone:", [
    `npx mailchute --stack ${service} replay --since 2026-01-02T03:00:00Z --until 2026-01-02T04:00:00Z --endpoint <endpoint>`,
  ]),
];

const commands = (text: string, lines: readonly string[]): IWidget =>
  new TextWidget({
    width: halfWidth,
    height: 6,
    markdown: [text, "", "```", ...lines, "```"].join("\n"),
  });
