/**
 * `npm run bench:pipeline [-- seconds]`: from 250 to the webhook, `npm start` beside the obvious script (smtp-server,
 * simpleParser and fetch in one process, nothing stored). Mail of 4 KB comes at a steady rate; first 50 a second, then the
 * highest rate that each holds. Where there are two CPUs, who is measured has one, and the load and the receiver the other.
 * Takes about seven times `seconds`.
 */
import { cpus } from "node:os";
import { setTimeout as afterMs } from "node:timers/promises";
import { type Child, cpuMicroseconds, startChild } from "./accept/child.ts";
import { cpuOf, pin } from "./accept/pin.ts";
import { type SentMail, sendPaced } from "./pipeline/paced-load.ts";
import { startReceiver } from "./pipeline/receiver.ts";

const seconds = Number(process.argv[2] ?? 20);
const trySeconds = Math.max(2, seconds / 5);
const steadyRate = 50;
const rateMax = 25_600;
/** Past the last 250, and while webhooks still come: what one try leaves behind must not be a load on the next. */
const patienceMs = 5_000;
/** A rate is held where nothing is missing and 99 of 100 webhooks come this soon after their mail was due. */
const heldWithinMs = 1_000;
const halvings = 3;

process.once("SIGTERM", () => process.exit(1)).once("SIGINT", () => process.exit(1));
const receiver = await startReceiver();
let next = 1;

interface Result {
  readonly mails: number;
  readonly missing: number;
  readonly fromReplyMs: readonly number[];
  readonly fromDueMs: readonly number[];
  readonly cpuMs: number;
}

/** Mail at that rate, and how long each took. */
async function run(
  { port, process: { pid } }: Child,
  mailsPerSecond: number,
  during: number,
): Promise<Result> {
  const cpuBefore = cpuMicroseconds(pid);
  const sent = await sendPaced({ port, mailsPerSecond, seconds: during, first: next });
  next += sent.length;
  const isMissing = ({ number }: SentMail) => !receiver.arrivedMs.has(number);
  const sentMs = performance.now();
  const quietMs = () => performance.now() - Math.max(sentMs, receiver.lastArrivedMs());
  while (sent.some(isMissing) && quietMs() < patienceMs) await afterMs(50);
  const latencies = (from: (mail: SentMail) => number) =>
    sent
      .flatMap((mail) => {
        const arrivedMs = receiver.arrivedMs.get(mail.number);
        return arrivedMs === undefined ? [] : [arrivedMs - from(mail)];
      })
      .sort((a, b) => a - b);
  return {
    mails: sent.length,
    missing: sent.filter(isMissing).length,
    fromReplyMs: latencies(({ acknowledgedMs }) => acknowledgedMs),
    fromDueMs: latencies(({ dueMs }) => dueMs),
    cpuMs: (cpuMicroseconds(pid) - cpuBefore) / 1000 / sent.length,
  };
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

async function isHeld(child: Child, rate: number): Promise<boolean> {
  const { missing, fromDueMs } = await run(child, rate, trySeconds).catch(() => failed);
  return missing === 0 && quantile(fromDueMs, 0.99) <= heldWithinMs;
}

const failed: Result = { mails: 0, missing: 1, fromReplyMs: [], fromDueMs: [], cpuMs: Number.NaN };

/** Twice as much until it is too much, then half the distance a few times. */
async function findHighestRate(child: Child): Promise<number> {
  let [held, tooMuch] = [0, 2 * steadyRate];
  while (tooMuch <= rateMax && (await isHeld(child, tooMuch))) [held, tooMuch] = [tooMuch, tooMuch * 2];
  for (let halving = 0; halving < halvings; halving += 1) {
    const middle = Math.round((held + tooMuch) / 2);
    if (await isHeld(child, middle)) held = middle;
    else tooMuch = middle;
  }
  return held;
}

const isPinned = pin(process.pid, cpuOf.others);
console.log(
  `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, node ${process.version}, ${new Date().toISOString().slice(0, 10)}; ` +
    `${seconds} s at ${steadyRate} mails/s${isPinned ? "; who is measured has a core, the load and the receiver the other" : ""}`,
);
const rates = new Map<string, number>();
for (const name of ["mailchute", "obvious"]) {
  const child = await startChild([`test/bench/pipeline/${name}.ts`, receiver.url]);
  pin(child.process.pid, cpuOf.frontEnd);
  await run(child, steadyRate, trySeconds);
  const { mails, missing, fromReplyMs, fromDueMs, cpuMs } = await run(child, steadyRate, seconds);
  const show = (sorted: readonly number[]) =>
    `p50 ${quantile(sorted, 0.5).toFixed(1)} ms, p99 ${quantile(sorted, 0.99).toFixed(1)} ms`;
  const rate = await findHighestRate(child);
  rates.set(name, rate);
  console.log(
    `${name.padEnd(10)} 250 to webhook ${show(fromReplyMs)}; sent to webhook ${show(fromDueMs)}; ${missing} of ${mails} missing; ` +
      `${cpuMs.toFixed(1)} ms of CPU each; highest rate held ${rate} mails/s`,
  );
  child.process.kill("SIGTERM");
}
console.log(
  `mailchute holds ${((rates.get("mailchute") ?? 0) / (rates.get("obvious") ?? 0)).toFixed(2)} times the rate of the obvious script, with everything stored`,
);
receiver.close();
process.exit(0);
