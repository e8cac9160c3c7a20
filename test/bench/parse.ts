/**
 * `npm run bench:parse [-- rounds]`: stage parse beside mailparser's simpleParser with its defaults and postal-mime, each
 * in a process of its own that reads the mail from a file, in turn; medians of the rounds.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { bundle } from "../../infra/bundle.ts";
import { benchMails } from "./parse/mails.ts";

const rounds = Number(process.argv[2] ?? 5);
const contenders = ["stage parse", "simpleParser", "postal-mime"] as const;
type Contender = (typeof contenders)[number];

const Cost = z.object({ wallMs: z.number(), cpuMs: z.number(), peakMegabytes: z.number() });
type Cost = z.infer<typeof Cost>;

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "mailchute-bench-"));
const file = join(folder, "mail.eml");

async function measure(contender: Contender, count: number): Promise<Cost> {
  const args = [join(folder, "index.mjs"), contender, file, String(count)];
  return Cost.parse(JSON.parse((await run(process.execPath, args)).stdout));
}

function medianOf(costs: readonly Cost[]): Cost {
  const median = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return {
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    peakMegabytes: median(costs.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

async function compare(count: number): Promise<void> {
  const costs = new Map<Contender, Cost[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [contender, measured] of costs) measured.push(await measure(contender, count));
  }
  const own = medianOf(costs.get("stage parse") ?? []);
  for (const [contender, measured] of costs) {
    const { wallMs, cpuMs, peakMegabytes } = medianOf(measured);
    const shown = [
      contender.padEnd(12),
      `${wallMs.toFixed(2).padStart(9)} ms`,
      `${cpuMs.toFixed(2).padStart(9)} ms of CPU`,
      `${peakMegabytes.toFixed(0).padStart(5)} MB at most`,
      `${(wallMs / own.wallMs).toFixed(2).padStart(6)} times the time`,
      `${(peakMegabytes / own.peakMegabytes).toFixed(2).padStart(5)} times the memory`,
    ];
    console.log(`  ${shown.join("  ")}`);
  }
}

try {
  bundle("test/bench/parse/contender.ts", folder);
  console.log(`${cpus().length} cores, Node ${process.version}, ${rounds} rounds`);
  for (const { name, mail, count } of benchMails) {
    writeFileSync(file, mail());
    console.log(name);
    await compare(count);
  }
} finally {
  rmSync(folder, { recursive: true });
}
