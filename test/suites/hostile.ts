/**
 * `node test/suites/hostile.ts`: mails that were made to hurt, each in a process of its own with a heap of 128 MB. Each
 * must come to a webhook within 2 s of CPU and 200 MB of memory; one that cannot be read whole comes as `mail.unparsed`,
 * with its envelope, the raw message and the reason.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import * as z from "zod";
import { bundle } from "../../infra/bundle.ts";
import { hostileMails } from "../parse/hostile/mails.ts";
import { type HostileRow, sizeOf } from "../parse/hostile/pieces.ts";
import { envelope } from "../parse/parse-data.ts";

const heapMegabytes = 128;
const cpuMaxMs = 2000;
const memoryMaxMegabytes = 200;
const hangMs = 120_000;

/** Bundled as it is deployed: Node itself takes memory to run TypeScript. */
const folder = mkdtempSync(join(tmpdir(), "mailchute-hostile-"));
const run = promisify(execFile);

const Outcome = z.object({
  cpuMs: z.number(),
  peakBytes: z.number(),
  type: z.string(),
  rcptTo: z.array(z.string()),
  rawUrl: z.string(),
  codes: z.array(z.string()),
});
type Outcome = z.infer<typeof Outcome>;

async function work(rows: Iterable<[index: number, row: HostileRow]>): Promise<void> {
  for (const [index, row] of rows) {
    const outcome = await measure(index).catch(String);
    const size = `${(sizeOf(row[1]()) / 1e6).toFixed(1)} MB`.padStart(8);
    if (typeof outcome === "string") {
      fail(`${size}  ${row[0]}`, outcome);
      continue;
    }
    const cost = `${outcome.cpuMs.toFixed(0).padStart(5)} ms ${megabytes(outcome).toFixed(0).padStart(4)} MB`;
    const line = `${size} ${cost}  ${row[0]}: ${outcome.type} ${outcome.codes.join(" ")}`;
    const problems = judge(row, outcome);
    if (problems.length > 0) fail(line, problems.join(", "));
    else console.log(line);
  }
}

async function measure(index: number): Promise<Outcome> {
  const args = [`--max-old-space-size=${heapMegabytes}`, join(folder, "index.mjs"), String(index)];
  const { stdout } = await run(process.execPath, args, { timeout: hangMs, killSignal: "SIGKILL" });
  return Outcome.parse(JSON.parse(stdout));
}

const megabytes = ({ peakBytes }: Outcome) => peakBytes / 1024 / 1024;

function judge([, , isParsed, codes]: HostileRow, outcome: Outcome): string[] {
  const { type, cpuMs, rcptTo, rawUrl } = outcome;
  const checks: [isRight: boolean, problem: string][] = [
    [cpuMs <= cpuMaxMs, `more than ${cpuMaxMs} ms of CPU`],
    [megabytes(outcome) <= memoryMaxMegabytes, `more than ${memoryMaxMegabytes} MB`],
    [type === (isParsed ? "mail.received" : "mail.unparsed"), `it is ${type}`],
    [isDeepStrictEqual(outcome.codes, codes), `expected warnings: ${codes.join(" ")}`],
    [isDeepStrictEqual(rcptTo, envelope.rcptTo), "not the envelope"],
    [rawUrl.startsWith("https://store.test/raw/"), "no raw message"],
  ];
  return checks.flatMap(([isRight, problem]) => (isRight ? [] : [problem]));
}

function fail(line: string, problem: string): void {
  console.log(`${line}\nFAILED ${problem}`);
  process.exitCode = 1;
}

try {
  bundle(fileURLToPath(new URL("hostile-mail.ts", import.meta.url)), folder);
  const rows = [...hostileMails.entries()].values();
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, () => work(rows)));
  console.log(`hostile: ${hostileMails.length} mails`);
} finally {
  rmSync(folder, { recursive: true });
}
