/**
 * What AWS asks, in US dollars, before taxes: on demand, us-east-1. Other regions cost up to a third more; look at yours.
 * AWS's price pages fill their tables by script, so each line names the page that quotes it, and when that was; compared on
 * the date below.
 */
export const prices = {
  region: "us-east-1",
  date: "2026-11-24",
  // devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples; undated
  s3PutPerMillion: 5,
  s3GetPerMillion: 0.4,
  s3GbMonth: 0.023,
  // cloudburn.io/blog/amazon-sqs-pricing; March 2026
  /** For each 64 KB of a message. */
  sqsPerMillion: 0.4,
  /** On top, for messages that carry a group. */
  sqsFairPerMillion: 0.1,
  // cloudchipr.com/blog/aws-lambda-pricing; 2024
  lambdaPerMillion: 0.2,
  /** On arm64. */
  lambdaGbSecond: 0.0000133334,
  // signoz.io/guides/cloudwatch-pricing, February 2026; factualminds.com/blog/amazon-cloudwatch-pricing-…, June 2026
  logGb: 0.5,
  dashboardMonth: 3,
  metricMonth: 0.3,
  // c3x.dev/resources/aws/aws_cloudwatch_metric_alarm; undated
  alarmMetricMonth: 0.1,
  /** For what Logs Insights reads. Not found quoted: from memory. */
  logQueryGb: 0.005,
  // usage.ai/blogs/aws/networking-cost/data-transfer-costs; June 2026
  transferOutGb: 0.09,
  /** In each direction. */
  transferBetweenZonesGb: 0.01,
  // clustercost.com/blog/network-load-balancer-pricing-2025, and AWS's own page as quoted by api-evangelist on 2026-09-20
  balancerHour: 0.0225,
  balancerUnitHour: 0.006,
  // vantage.sh/blog/fargate-pricing; undated, Linux on arm64
  vcpuHour: 0.03238,
  memoryGbHour: 0.00356,
  // aws.amazon.com/blogs/aws/new-aws-public-ipv4-address-charge-…; since February 2024
  ipv4Hour: 0.005,
  // hivebook.wiki/wiki/aws-secrets-manager-…; undated
  secretMonth: 0.4,
  secretReadPerMillion: 5,
  // AWS's price list of 2026-07-22 as quoted by api-evangelist: à la carte, not one of SES's plans.
  sesPerMillion: 100,
  sesChunkPerMillion: 90,
} as const;

/**
 * What AWS gives every account each month, for good; shared by all that the account does. Of CloudWatch:
 * aws.amazon.com/cloudwatch/pricing; of SQS, Lambda and transfer: the pages above.
 */
export const allowances = {
  sqsMillion: 1,
  lambdaMillion: 1,
  lambdaGbSeconds: 400_000,
  /** Written or read by queries. */
  logGb: 5,
  transferOutGb: 100,
  alarmMetrics: 10,
  /** Of at most {@link dashboardMetricsMax} metrics. */
  dashboards: 3,
  metrics: 10,
} as const;

export const dashboardMetricsMax = 50;

export const hoursInMonth = 730;
