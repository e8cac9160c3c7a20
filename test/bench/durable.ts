/**
 * SMTP to a synced disk to 250, beside Debian's Postfix (its queue, and the transport `discard` behind it) and Haraka (its
 * queue): 50 connections kept open, the same client and the same disk for all, in turn. MAILCHUTE_PACKAGES is where Debian's
 * package postfix is unpacked, where it is not installed. About two minutes, and as root, since Postfix insists.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "../suites/outside/processes.ts";
import { runPostfix } from "../suites/outside/relays.ts";
import { startChild } from "./accept/child.ts";
import { createData, runSmtpLoad } from "./accept/smtp-load.ts";
import { startHaraka } from "./durable/haraka.ts";

const connections = 50;
const roundsDefault = 5;
const wholeMaxMs = 180_000;
const sizes = [
  { name: "2 KB", sizeBytes: 2_000, messages: 1_000 },
  { name: "32 KB", sizeBytes: 32_000, messages: 500 },
] as const;

interface Contender {
  readonly name: string;
  readonly port: number;
  /** Resolves when it has nothing left to do. */
  readonly settle: () => Promise<void>;
  readonly stop: () => void;
}

// However it ends, what it started ends with it.
process.once("SIGTERM", () => process.exit(1)).once("SIGINT", () => process.exit(1));
const rounds = Number(process.argv[2] ?? roundsDefault);
const folder = await mkdtemp(join(tmpdir(), "bench-durable-"));
// Postfix works in there as a user of its own.
await chmod(folder, 0o755);
const contenders: Contender[] = [];
const timer = setTimeout(() => fail(new Error("it took too long")), wholeMaxMs);
await bench().then(end, fail);

async function bench(): Promise<void> {
  contenders.push(await startMailchute(), ...(await startPostfix()), ...(await startOther()));
  const cpu = `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores`;
  console.log(`${cpu}, node ${process.version}, ${new Date().toISOString().slice(0, 10)}, ${rounds} rounds`);
  for (const { name, sizeBytes, messages } of sizes) {
    const load = { connections, messages, data: createData(sizeBytes) };
    const rates = contenders.map((): number[] => []);
    // The first is to warm up.
    for (let round = 0; round <= rounds; round++) {
      for (const [index, { port, settle }] of contenders.entries()) {
        const seconds = await runSmtpLoad({ ...load, port });
        await settle();
        if (round > 0) rates[index]?.push(messages / seconds);
      }
    }
    print(name, rates.map(median));
  }
}

function print(size: string, rates: readonly number[]): void {
  const [own = Number.NaN] = rates;
  for (const [index, { name }] of contenders.entries()) {
    const rate = rates[index] ?? Number.NaN;
    const ratio = index === 0 ? "" : `; mailchute ${(own / rate).toFixed(2)} times the rate`;
    console.log(`${size.padEnd(6)} ${name.padEnd(10)} ${rate.toFixed(0).padStart(6)} messages/s${ratio}`);
  }
}

async function startMailchute(): Promise<Contender> {
  const { port, process: child } = await startChild(["test/bench/durable/mailchute.ts", join(folder, "own")]);
  return { name: "mailchute", port, settle: async () => undefined, stop: () => child.kill() };
}

async function startPostfix(): Promise<Contender[]> {
  if (!existsSync(`${root}/usr/lib/postfix/sbin/master`)) {
    console.log(
      "NOT RUN: Postfix: install Debian's package postfix, or unpack it and set MAILCHUTE_PACKAGES",
    );
    return [];
  }
  const home = join(folder, "postfix");
  await mkdir(home);
  // It does not hold mail back while its queue is full.
  const settings = "default_transport = discard:\nin_flow_delay = 0\n";
  const daemon = await runPostfix(home, settings);
  const isBusy = async (queue: string) =>
    (await readdir(join(home, "queue", queue), { recursive: true, withFileTypes: true })).some((entry) =>
      entry.isFile(),
    );
  const settle = async () => {
    while ((await isBusy("incoming")) || (await isBusy("active"))) await delay(100);
  };
  return [{ name: "Postfix", port: daemon.port, settle, stop: () => void daemon.stop() }];
}

async function startOther(): Promise<Contender[]> {
  const home = join(folder, "haraka");
  try {
    const daemon = await startHaraka(home);
    return [
      { name: "Haraka", port: daemon.port, settle: async () => undefined, stop: () => void daemon.stop() },
    ];
  } catch (error) {
    console.log(`NOT RUN: Haraka: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function end(): Promise<void> {
  clearTimeout(timer);
  for (const { stop } of contenders) stop();
  await delay(500);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
}

function fail(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
  void end();
}
