import { Duration } from "aws-cdk-lib";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { metricNamespace } from "../../functions/aws/log.ts";

export const period = Duration.minutes(5);

/** What `functions/aws/log.ts` writes, by exactly the dimensions that it writes it with. */
export function createMetrics(service: string) {
  const own = (metricName: string, dimensions: Readonly<Record<string, string>>, statistic: string) =>
    new Metric({
      namespace: metricNamespace,
      metricName,
      dimensionsMap: { Service: service, ...dimensions },
      statistic,
      period,
    });
  return {
    outcomes: (stage: string, outcome: string) => own("Count", { Stage: stage, Outcome: outcome }, "Sum"),
    duration: (stage: string, outcome: string, statistic: string) =>
      own("DurationMs", { Stage: stage, Outcome: outcome }, statistic),
    endToEnd: (statistic: string) => own("EndToEndMs", {}, statistic),
    endpoint: (endpoint: string, name: "Failures" | "DurationMs", statistic: string) =>
      own(name, { Endpoint: endpoint }, statistic),
    /** Each attempt is a sample of it. */
    attempts: (endpoint: string) => own("Failures", { Endpoint: endpoint }, "SampleCount"),
    gauge: (name: "CertificateDaysLeft" | "Unaccounted") => own(name, {}, "Maximum"),
    problems: (problem: string) => own("Problems", { Problem: problem }, "Sum"),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Gaps, as long as nothing happens, count as nothing. */
export function sumOf(metrics: readonly Metric[], label: string): MathExpression {
  // Names that no other sum of the same graph has.
  const named = metrics.map((metric, index) => [`${label.replace(/\W/g, "_")}_${index}`, metric] as const);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(" + "),
    usingMetrics: Object.fromEntries(named),
    label,
    period,
  });
}

/** What is left of the one without the other. */
export function lessOf(whole: Metric, part: Metric, label: string): MathExpression {
  const expression = "FILL(m0, 0) - FILL(m1, 0)";
  return new MathExpression({ expression, usingMetrics: { m0: whole, m1: part }, label, period });
}

/** A part of a whole in percent, and 0 as long as the whole is too small to tell. */
export function percentOf(
  part: Metric,
  others: readonly Metric[],
  whole: { readonly atLeast: number; readonly label: string },
) {
  const named = [part, ...others].map((metric, index) => [`m${index}`, metric] as const);
  const total = named.map(([name]) => `FILL(${name}, 0)`).join(" + ");
  return new MathExpression({
    expression: `IF((${total}) >= ${whole.atLeast}, 100 * FILL(m0, 0) / (${total}), 0)`,
    usingMetrics: Object.fromEntries(named),
    label: whole.label,
    period,
  });
}

export const depthOf = (queue: IQueue) =>
  queue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", period });

/** All that a queue has: waiting, at a consumer, put off. */
export const heldBy = (queue: IQueue) => [
  depthOf(queue),
  queue.metricApproximateNumberOfMessagesNotVisible({ statistic: "Maximum", period }),
  queue.metricApproximateNumberOfMessagesDelayed({ statistic: "Maximum", period }),
];

export const ageOf = (queue: IQueue) =>
  queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period });
