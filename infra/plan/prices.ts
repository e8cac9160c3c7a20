/**
 * What AWS asks, in US dollars, before taxes: on demand, us-east-1, written down on 2026-11-24 from public price lists of
 * 2026. Other regions cost up to a third more; look at yours.
 */
export const prices = {
  region: "us-east-1",
  date: "2026-11-24",
  s3PutPerMillion: 5,
  s3GetPerMillion: 0.4,
  s3GbMonth: 0.023,
  /** For each 64 KB of a message. */
  sqsPerMillion: 0.4,
  /** On top, for messages that carry a group. */
  sqsFairPerMillion: 0.1,
  lambdaPerMillion: 0.2,
  /** On arm64. */
  lambdaGbSecond: 0.0000133334,
  logGb: 0.5,
  transferOutGb: 0.09,
  balancerHour: 0.0225,
  balancerUnitHour: 0.006,
  vcpuHour: 0.03238,
  memoryGbHour: 0.00356,
  ipv4Hour: 0.005,
  alarmMetricMonth: 0.1,
  dashboardMonth: 3,
  metricMonth: 0.3,
  secretMonth: 0.4,
  secretReadPerMillion: 5,
  sesPerMillion: 100,
  sesChunkPerMillion: 90,
} as const;

/** What AWS gives every account each month, for good; shared by all that the account does. */
export const allowances = {
  sqsMillion: 1,
  lambdaMillion: 1,
  lambdaGbSeconds: 400_000,
  logGb: 5,
  transferOutGb: 100,
  alarmMetrics: 10,
  dashboards: 3,
  metrics: 10,
} as const;

export const hoursInMonth = 730;
