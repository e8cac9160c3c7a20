import { pipeline } from "../pipeline.ts";
import { allowances, hoursInMonth, prices } from "./prices.ts";
import { assumedMs, fixed, frontEndCpuMs, logReads, polling, usageOf } from "./usage.ts";

export interface Load {
  readonly mailsPerMonth: number;
  readonly sizeBytes: number;
  /** The busiest second, as a multiple of the average. */
  readonly peakFactor: number;
}

export interface Line {
  readonly name: string;
  readonly amount: number;
  readonly unit: string;
  readonly dollars: number;
  /** What of it the account's monthly allowance takes off, where nothing else uses it. */
  readonly allowedDollars: number;
}

export interface Plan {
  readonly perSecond: { readonly average: number; readonly peak: number };
  readonly tasks: number;
  readonly concurrency: Readonly<Record<string, number>>;
  readonly fixed: readonly Line[];
  readonly perMail: readonly Line[];
  readonly storedGb: number;
  readonly sesDollars: number;
  /** Mails a month up to which SES receiving alone costs less; null where it always does. */
  readonly sesCheaperBelow: number | null;
}

const gb = 1024 ** 3;
const million = 1_000_000;
/** The share of its CPU that the front end is scaled to keep. */
const cpuShare = 0.5;
const keepMonths = 2;
const mailsMax = 1e12;

export function planFor(load: Load): Plan {
  const average = load.mailsPerMonth / (hoursInMonth * 3600);
  const peak = average * load.peakFactor;
  return {
    perSecond: { average, peak },
    tasks: tasksFor(load),
    concurrency: Object.fromEntries(
      pipeline.map(({ stage }) => [stage, Math.max(1, Math.ceil((peak * assumedMs[stage]) / 1000))]),
    ),
    fixed: fixedPart(),
    perMail: variablePart(load),
    storedGb: (load.mailsPerMonth * load.sizeBytes * keepMonths) / gb,
    sesDollars: sesDollars(load.mailsPerMonth, load.sizeBytes),
    sesCheaperBelow: breakEven(load),
  };
}

function tasksFor({ mailsPerMonth, sizeBytes, peakFactor }: Load): number {
  const peak = (mailsPerMonth * peakFactor) / (hoursInMonth * 3600);
  const taskRate = (fixed.tasks.vcpu * cpuShare * 1000) / frontEndCpuMs(sizeBytes);
  return Math.max(fixed.tasks.count, Math.ceil(peak / taskRate));
}

export const sum = (lines: readonly Line[]) => ({
  dollars: lines.reduce((total, line) => total + line.dollars, 0),
  allowedDollars: lines.reduce((total, line) => total + line.allowedDollars, 0),
});

function fixedPart(): readonly Line[] {
  const { tasks } = fixed;
  const taskHour = tasks.vcpu * prices.vcpuHour + tasks.memoryGb * prices.memoryGbHour;
  const polls = fixed.sqsPollsPerMonth / million;
  const secretReads = fixed.secretReadsPerMonth / million;
  const configReads = fixed.configReadsPerMonth / million;
  const canaries = sum(
    variablePart({ mailsPerMonth: fixed.canariesPerMonth, sizeBytes: 1024, peakFactor: 1 }),
  );
  return [
    line("balancer", hoursInMonth, "hours", prices.balancerHour),
    line("tasks", tasks.count * hoursInMonth, "task hours", taskHour),
    line("public IPv4 addresses", fixed.ipv4 * hoursInMonth, "hours", prices.ipv4Hour),
    line("alarms", fixed.alarmMetrics, "metrics", prices.alarmMetricMonth, allowances.alarmMetrics),
    line("dashboard", fixed.dashboards, "dashboards", prices.dashboardMonth, allowances.dashboards),
    line("metrics", fixed.metrics, "metrics", prices.metricMonth, allowances.metrics),
    line("secrets", fixed.secrets, "secrets", prices.secretMonth),
    line("secret reads", secretReads, "million", prices.secretReadPerMillion),
    line("config reads", configReads, "million", prices.s3GetPerMillion),
    line("empty polls", polls, "million", prices.sqsPerMillion, allowances.sqsMillion),
    {
      name: "canary",
      amount: fixed.canariesPerMonth,
      unit: "mails",
      dollars: canaries.dollars,
      allowedDollars: 0,
    },
  ];
}

function variablePart(load: Load): readonly Line[] {
  const { mailsPerMonth, sizeBytes } = load;
  const usage = usageOf(sizeBytes);
  const millions = mailsPerMonth / million;
  const gbOf = (bytes: number) => (mailsPerMonth * bytes) / gb;
  // What the bucket sends to parse is small.
  const sqsRequests = sqsRequestsFor(1) + (pipeline.length - 1) * sqsRequestsFor(usage.sqsChunks);
  const requests = millions * sqsRequests - answeredPolls(load) / million;
  const gbSeconds = pipeline.reduce(
    (total, { stage, memoryMb }) => total + (mailsPerMonth * assumedMs[stage] * memoryMb) / 1024 / 1000,
    0,
  );
  const more = (tasksFor(load) - fixed.tasks.count) * hoursInMonth;
  const { vcpu, memoryGb } = fixed.tasks;
  const taskHour = vcpu * prices.vcpuHour + memoryGb * prices.memoryGbHour + prices.ipv4Hour;
  return [
    line("S3 PUT", millions * usage.s3Puts, "million", prices.s3PutPerMillion),
    line("S3 GET", millions * usage.s3Gets, "million", prices.s3GetPerMillion),
    line("SQS requests", requests, "million", prices.sqsPerMillion),
    line("SQS fair queue", millions * sqsRequestsFor(usage.sqsChunks), "million", prices.sqsFairPerMillion),
    line(
      "Lambda calls",
      millions * pipeline.length,
      "million",
      prices.lambdaPerMillion,
      allowances.lambdaMillion,
    ),
    line("Lambda compute", gbSeconds, "GB s", prices.lambdaGbSecond, allowances.lambdaGbSeconds),
    line("logs", gbOf(usage.logBytes), "GB", prices.logGb, allowances.logGb),
    line("log queries", gbOf(usage.logBytes) * logReads, "GB", prices.logQueryGb),
    line("webhooks out", gbOf(usage.webhookBytes), "GB", prices.transferOutGb, allowances.transferOutGb),
    line("balancer units", gbOf(sizeBytes), "GB", prices.balancerUnitHour),
    // The half that the other zone's task takes: out of one zone, and into the other.
    line("between zones", gbOf(sizeBytes / 2) * 2, "GB", prices.transferBetweenZonesGb),
    line("more tasks", more, "task hours", taskHour),
  ];
}

/** A send and a receive cost by the message's chunks, a delete costs one; as if no batch ever had two messages. */
const sqsRequestsFor = (chunks: number) => 2 * chunks + 1;

/**
 * The empty polls of the fixed part that are none, since they bring a mail: as if all mail came at the rate of the busiest
 * second, and none in the rest of the time, which leaves most polls empty.
 */
function answeredPolls({ mailsPerMonth, peakFactor }: Load): number {
  const busySeconds = (hoursInMonth * 3600) / peakFactor;
  const perPoll = ((mailsPerMonth / busySeconds) * polling.seconds) / polling.connections;
  // Mails at random moments: what share of polls waits in vain, beside those that a mail ends early.
  const polls = mailsPerMonth / (1 - Math.exp(-perPoll));
  const idlePolls = (busySeconds * polling.connections) / polling.seconds;
  return pipeline.length * (mailsPerMonth + idlePolls - polls);
}

const line = (name: string, amount: number, unit: string, price: number, allowed = 0): Line => ({
  name,
  amount,
  unit,
  dollars: amount * price,
  allowedDollars: Math.min(amount, allowed) * price,
});

/** Only whole chunks of 256 KB count. */
const sesDollars = (mails: number, sizeBytes: number) =>
  (mails / million) * (prices.sesPerMillion + Math.floor(sizeBytes / 262_144) * prices.sesChunkPerMillion);

/** Looked for, since what a mail costs depends a little on how many there are. */
function breakEven(load: Load): number | null {
  const isDearer = (mailsPerMonth: number) =>
    sesDollars(mailsPerMonth, load.sizeBytes) <
    sum(fixedPart()).dollars + sum(variablePart({ ...load, mailsPerMonth })).dollars;
  let [dearer, cheaper] = [0, mailsMax];
  if (isDearer(cheaper)) return null;
  while (cheaper - dearer > 1) {
    const between = Math.floor((dearer + cheaper) / 2);
    if (isDearer(between)) dearer = between;
    else cheaper = between;
  }
  return cheaper;
}
