/**
 * The front end without a store, beside smtp-server 3.21 and Postfix's smtp-sink, all driven by Postfix's smtp-source:
 * messages a second, and the server's CPU for one. MAILCHUTE_PACKAGES is where Debian's package postfix is unpacked,
 * where it is not installed.
 */
import { randomBytes } from "node:crypto";
import { cpus } from "node:os";
import { parseConfig } from "../../functions/mail/config.ts";
import type { ObjectStore } from "../../functions/mail/ports.ts";
import { createSmtpServer } from "../../functions/smtp/server.ts";
import { freePort, root, run, startDaemon } from "../suites/outside/processes.ts";
import { startOracle } from "../support/oracle.ts";
import { cpuMicroseconds, startChild } from "./accept/child.ts";
import { cpuOf, pin } from "./accept/pin.ts";

const rounds = 5;

interface Load {
  readonly name: string;
  readonly sizeBytes: number;
  readonly messages: number;
  /** Connections at the same time. */
  readonly sessions: number;
  readonly isKeptOpen: boolean;
}

/** So many that all of it takes about two minutes: with a connection for each, smtp-server takes fewer than 200 a second. */
const loads = [
  { name: "2 KB", sizeBytes: 2_000, messages: 4_000, sessions: 20, isKeptOpen: true },
  { name: "32 KB", sizeBytes: 32_000, messages: 2_000, sessions: 20, isKeptOpen: true },
  { name: "10 MB", sizeBytes: 10_000_000, messages: 40, sessions: 4, isKeptOpen: true },
  { name: "2 KB, a connection each", sizeBytes: 2_000, messages: 500, sessions: 20, isKeptOpen: false },
] as const satisfies readonly Load[];

const [role] = process.argv.slice(2);
if (role === "mailchute") await serveMailchute();
else if (role === "smtp-server") await serveOracle();
else await bench(Number(role ?? 1));

/** A share of the messages, for a look. */
async function bench(share: number): Promise<void> {
  const [own, oracle] = await Promise.all(
    ["mailchute", "smtp-server"].map((name) => startChild([import.meta.filename, name])),
  );
  const sinkPort = await freePort();
  const asUser = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const sink = await startDaemon(sinkPort, [
    `${root}/usr/sbin/smtp-sink`,
    ...asUser,
    `127.0.0.1:${sinkPort}`,
    "1000",
  ]);
  if (own === undefined || oracle === undefined) return;
  const contenders = [
    { name: "mailchute", pid: own.process.pid, port: own.port },
    { name: "smtp-server", pid: oracle.process.pid, port: oracle.port },
    { name: "smtp-sink", pid: sink.pid, port: sink.port },
  ];
  for (const { pid } of contenders) pin(pid, cpuOf.frontEnd);
  pin(process.pid, cpuOf.others);
  console.log(
    `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
  );
  for (const load of loads) {
    const scaled = { ...load, messages: Math.ceil(load.messages * share) };
    const results = contenders.map((contender) => ({ ...contender, rates: [0], costs: [0] }));
    for (const { rates, costs } of results) rates.length = costs.length = 0;
    // The first is to warm up.
    for (let round = 0; round <= rounds; round++) {
      for (const { pid, port, rates, costs } of results) {
        const [startedMs, startedUs] = [performance.now(), cpuMicroseconds(pid)];
        await drive(port, scaled);
        if (round === 0) continue;
        rates.push((scaled.messages * 1000) / (performance.now() - startedMs));
        costs.push((cpuMicroseconds(pid) - startedUs) / scaled.messages);
      }
    }
    print(load, results);
  }
  await sink.stop();
  process.exit();
}

async function drive(port: number, { sizeBytes, messages, sessions, isKeptOpen }: Load): Promise<void> {
  const envelope = ["-f", "a@example.org", "-t", "b@example.com", "-M", "bench.example.org"];
  const size = ["-l", String(sizeBytes), "-m", String(messages), "-s", String(sessions)];
  const kept = isKeptOpen ? ["-d"] : [];
  await run(`${root}/usr/sbin/smtp-source`, [...kept, ...envelope, ...size, `127.0.0.1:${port}`]);
}

interface Result {
  readonly name: string;
  readonly rates: readonly number[];
  readonly costs: readonly number[];
}

/** Ratios are of mailchute to the others: more a second, and less CPU, is better. */
function print({ name: loadName, sizeBytes }: Load, results: readonly Result[]): void {
  const [own] = results;
  for (const { name, rates, costs } of results) {
    const [rate, cost] = [median(rates), median(costs)];
    const ratios = `${(median(own?.rates ?? []) / rate).toFixed(2)} times the rate, ${(median(own?.costs ?? []) / cost).toFixed(2)} times the CPU`;
    const megabytes = ((rate * sizeBytes) / 1e6).toFixed(0);
    console.log(
      `${loadName.padEnd(24)} ${name.padEnd(12)} ${rate.toFixed(0).padStart(6)} messages/s ${megabytes.padStart(5)} MB/s ${cost.toFixed(0).padStart(6)} µs of CPU each${name === "mailchute" ? "" : `; mailchute ${ratios}`}`,
    );
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function serveMailchute(): Promise<void> {
  const config = parseConfig({
    hostname: "mx.example.com",
    endpoints: { inbox: { sink: true } },
    routes: [{ name: "all", when: { recipient: "*@example.com" }, to: ["inbox"] }],
  });
  const store: ObjectStore = {
    bucket: "none",
    put: async () => "stored",
    putStream: async (_key, body) => {
      for await (const _ of body);
    },
    get: async () => null,
    delete: async () => undefined,
    async *list() {},
  };
  const deps = { store, config: () => config, log: () => undefined, now: Date.now, randomBytes };
  const { port } = await createSmtpServer({}, deps).listen(0, "127.0.0.1");
  process.stdout.write(`ready smtp=127.0.0.1:${port}\n`);
}

async function serveOracle(): Promise<void> {
  const { port } = await startOracle({
    disabledCommands: ["STARTTLS", "AUTH"],
    onData: (stream, _session, done) => void stream.resume().on("end", () => done(null, "stored")),
  });
  process.stdout.write(`ready smtp=127.0.0.1:${port}\n`);
}
