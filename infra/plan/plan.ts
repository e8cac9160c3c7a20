import { pipeline } from "../pipeline.ts";
import { allowances, hoursInMonth, prices } from "./prices.ts";
import { assumedMs, fixed, frontEndCpuMs, usageOf } from "./usage.ts";

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

export function planFor(load: Load): Plan {
  const average = load.mailsPerMonth / (hoursInMonth * 3600);
  const peak = average * load.peakFactor;
  const taskRate = (fixed.tasks.vcpu * cpuShare * 1000) / frontEndCpuMs(load.sizeBytes);
  const tasks = Math.max(fixed.tasks.count, Math.ceil(peak / taskRate));
  const [fixedLines, perMail] = [fixedPart(), variablePart(load, tasks)];
  return {
    perSecond: { average, peak },
    tasks,
    concurrency: Object.fromEntries(
      pipeline.map(({ stage }) => [stage, Math.max(1, Math.ceil((peak * assumedMs[stage]) / 1000))]),
    ),
    fixed: fixedLines,
    perMail,
    storedGb: (load.mailsPerMonth * load.sizeBytes * keepMonths) / gb,
    sesDollars: sesDollars(load.mailsPerMonth, load.sizeBytes),
    sesCheaperBelow: breakEven(load.sizeBytes),
  };
}

export const sum = (lines: readonly Line[]) => ({
  dollars: lines.reduce((total, line) => total + line.dollars, 0),
  allowedDollars: lines.reduce((total, line) => total + line.allowedDollars, 0),
});

function fixedPart(): readonly Line[] {
  const { tasks } = fixed;
  const taskHour = tasks.vcpu * prices.vcpuHour + tasks.memoryGb * prices.memoryGbHour;
  const polls = fixed.sqsPollsPerMonth / million;
  const reads = fixed.secretReadsPerMonth / million;
  const canaries = sum(
    variablePart({ mailsPerMonth: fixed.canariesPerMonth, sizeBytes: 1024, peakFactor: 1 }, 2),
  );
  return [
    line("balancer", hoursInMonth, "hours", prices.balancerHour),
    line("tasks", tasks.count * hoursInMonth, "task hours", taskHour),
    line("public IPv4 addresses", fixed.ipv4 * hoursInMonth, "hours", prices.ipv4Hour),
    line("alarms", fixed.alarmMetrics, "metrics", prices.alarmMetricMonth, allowances.alarmMetrics),
    line("dashboard", fixed.dashboards, "dashboards", prices.dashboardMonth, allowances.dashboards),
    line("metrics", fixed.metrics, "metrics", prices.metricMonth, allowances.metrics),
    line("secrets", fixed.secrets, "secrets", prices.secretMonth),
    line("secret reads", reads, "million", prices.secretReadPerMillion),
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

function variablePart({ mailsPerMonth, sizeBytes }: Load, tasks: number): readonly Line[] {
  const usage = usageOf(sizeBytes);
  const millions = mailsPerMonth / million;
  const gbOf = (bytes: number) => (mailsPerMonth * bytes) / gb;
  const requests = millions * (usage.sqsSends + usage.sqsReceivesAndDeletes) * usage.sqsChunks;
  const gbSeconds = pipeline.reduce(
    (total, { stage, memoryMb }) => total + (mailsPerMonth * assumedMs[stage] * memoryMb) / 1024 / 1000,
    0,
  );
  const more = (tasks - fixed.tasks.count) * hoursInMonth;
  const { vcpu, memoryGb } = fixed.tasks;
  const taskHour = vcpu * prices.vcpuHour + memoryGb * prices.memoryGbHour + prices.ipv4Hour;
  return [
    line("S3 PUT", millions * usage.s3Puts, "million", prices.s3PutPerMillion),
    line("S3 GET", millions * usage.s3Gets, "million", prices.s3GetPerMillion),
    line("SQS requests", requests, "million", prices.sqsPerMillion),
    line("SQS fair queue", millions * 3 * usage.sqsChunks, "million", prices.sqsFairPerMillion),
    line(
      "Lambda calls",
      millions * pipeline.length,
      "million",
      prices.lambdaPerMillion,
      allowances.lambdaMillion,
    ),
    line("Lambda compute", gbSeconds, "GB s", prices.lambdaGbSecond, allowances.lambdaGbSeconds),
    line("logs", gbOf(usage.logBytes), "GB", prices.logGb, allowances.logGb),
    line("webhooks out", gbOf(usage.webhookBytes), "GB", prices.transferOutGb, allowances.transferOutGb),
    line("balancer units", gbOf(sizeBytes), "GB", prices.balancerUnitHour),
    line("more tasks", more, "task hours", taskHour),
  ];
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

function breakEven(sizeBytes: number): number | null {
  const perMillion = sum(
    variablePart({ mailsPerMonth: million, sizeBytes, peakFactor: 1 }, fixed.tasks.count),
  );
  const saved = sesDollars(million, sizeBytes) - perMillion.dollars;
  return saved > 0 ? Math.ceil((sum(fixedPart()).dollars / saved) * million) : null;
}
