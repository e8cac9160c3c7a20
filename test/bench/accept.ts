/**
 * SMTP to durable store to 250: one front-end process, 50 connections kept open, beside smtp-server with the SDK and
 * beside bare PUTs of the same bodies. All three put to the same store, in turn, in one run.
 */
import { cpus, tmpdir } from "node:os";
import { Pool } from "undici";
import { type Child, cpuMicroseconds, startChild } from "./accept/child.ts";
import { cpuOf, pin } from "./accept/pin.ts";
import { reportProfile } from "./accept/profile.ts";
import { createData, runSmtpLoad } from "./accept/smtp-load.ts";

const rounds = 5;
const connections = 50;
const warmUpMessages = 5_000;
interface Size {
  readonly name: string;
  readonly sizeBytes: number;
  readonly messages: number;
}

const sizes = [
  { name: "2 KB", sizeBytes: 2_000, messages: 3_000 },
  { name: "32 KB", sizeBytes: 32_000, messages: 2_000 },
  { name: "1 MB", sizeBytes: 1_000_000, messages: 100 },
] as const satisfies readonly Size[];

process.once("SIGTERM", () => process.exit(1)).once("SIGINT", () => process.exit(1));
const isProfiling = process.argv.includes("--profile");
const store = await startChild(["test/bench/accept/store.ts", tmpdir()]);
const endpoint = `http://127.0.0.1:${store.port}`;
const profileArguments = isProfiling
  ? ["--cpu-prof", "--cpu-prof-dir", tmpdir(), "--cpu-prof-name", "mailchute-accept.cpuprofile"]
  : [];
await putConfig();
const mailchute = await startChild([...profileArguments, "functions/smtp/main.ts"], {
  MAILCHUTE_BUCKET: "mailchute",
  MAILCHUTE_S3_ENDPOINT: endpoint,
  MAILCHUTE_SMTP_HOST: "127.0.0.1",
  MAILCHUTE_SMTP_PORT: "0",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "bench",
  AWS_SECRET_ACCESS_KEY: "bench",
});
const smtpServer = await startChild(["test/bench/accept/smtp-server.ts", endpoint]);
const pool = new Pool(endpoint, { connections });

interface Contender {
  /** The front end, or what stands in its place: it has a CPU, the store and the load share the other. */
  readonly pid: number | undefined;
  /** Gives the seconds it took. */
  readonly contend: (size: Size) => Promise<number>;
}

const contenders: Readonly<Record<string, Contender>> = {
  mailchute: { pid: mailchute.process.pid, contend: (size) => loadSmtp(mailchute, size) },
  "smtp-server": { pid: smtpServer.process.pid, contend: (size) => loadSmtp(smtpServer, size) },
  "bare PUT": { pid: process.pid, contend: loadPuts },
};

const isPinned = pin(store.process.pid, cpuOf.others);
console.log(
  `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, node ${process.version}, ${new Date().toISOString().slice(0, 10)}${isPinned ? "; the front end has a core, the store and the load the other" : ""}`,
);
// Long enough for each to be compiled: a front end runs for weeks.
for (const contender of Object.values(contenders)) {
  for (const size of sizes.slice(0, 2)) await run(contender, { ...size, messages: warmUpMessages });
}
for (const size of sizes) await measure(size);
await pool.close();
await stop(mailchute);
await stop(smtpServer);
await stop(store);
if (isProfiling) await reportProfile(`${tmpdir()}/mailchute-accept.cpuprofile`);

/** Messages a second, and microseconds of the front end's CPU for one. */
async function run({ pid, contend }: Contender, size: Size): Promise<{ rate: number; cost: number }> {
  pin(process.pid, pid === process.pid ? cpuOf.frontEnd : cpuOf.others);
  pin(pid, cpuOf.frontEnd);
  const before = cpuMicroseconds(pid);
  const seconds = await contend(size);
  return { rate: size.messages / seconds, cost: (cpuMicroseconds(pid) - before) / size.messages };
}

async function measure(size: Size): Promise<void> {
  const results = new Map(Object.keys(contenders).map((name) => [name, { rates: [0], costs: [0] }]));
  for (const { rates, costs } of results.values()) rates.length = costs.length = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contender] of Object.entries(contenders)) {
      const { rate, cost } = await run(contender, size);
      results.get(name)?.rates.push(rate);
      results.get(name)?.costs.push(cost);
    }
  }
  print(
    size,
    [...results].map(([name, { rates, costs }]) => ({ name, rate: median(rates), cost: median(costs) })),
  );
}

/** A line for each: messages a second, the front end's CPU for one, and how much better mailchute does. */
function print(size: Size, lines: readonly { name: string; rate: number; cost: number }[]): void {
  const own = lines.find(({ name }) => name === "mailchute");
  for (const { name, rate, cost } of lines) {
    const ratio =
      own === undefined || own.name === name ? "" : `, mailchute ${(own.rate / rate).toFixed(2)} times`;
    const ratioOfCost =
      own === undefined || own.name === name ? "" : `, mailchute 1/${(cost / own.cost).toFixed(2)}`;
    const cpu = `${cost.toFixed(0)} µs of CPU each${ratioOfCost}`;
    console.log(
      `${size.name.padEnd(6)} ${name.padEnd(12)} ${rate.toFixed(0).padStart(6)} messages/s${ratio}; ${cpu}`,
    );
  }
}

async function loadSmtp({ port }: Child, { sizeBytes, messages }: Size): Promise<number> {
  return runSmtpLoad({ port, connections, messages, data: createData(sizeBytes) });
}

async function loadPuts({ sizeBytes, messages }: Size): Promise<number> {
  const body = createData(sizeBytes);
  let sent = 0;
  const putAll = async () => {
    while (sent < messages) {
      sent += 1;
      const path = `/mailchute/raw/${sent % 256}/bare-${Date.now()}-${sent}.eml`;
      const answer = await pool.request({ method: "PUT", path, body });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`PUT was answered ${answer.statusCode}`);
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: connections }, putAll));
  return (performance.now() - startedMs) / 1000;
}

async function putConfig(): Promise<void> {
  const config = {
    hostname: "mx.example.com",
    endpoints: { hook: { url: "https://app.example.com/hook" } },
    routes: [{ name: "all", when: { recipient: "*@example.com" }, to: ["hook"] }],
  };
  const answer = await fetch(`${endpoint}/mailchute/config/config.json`, {
    method: "PUT",
    body: JSON.stringify(config),
  });
  if (!answer.ok) throw new Error(`the store answered ${answer.status}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function stop({ process: child }: Child): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
