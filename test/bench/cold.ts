/**
 * `npm run bench:cold [-- rounds]`: what a Lambda loads before it can work: the size of each handler's bundle, and the
 * time to import it, without and with Node's compile cache, each in a new process; medians of the rounds.
 */
import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundle } from "../../infra/bundle.ts";

const rounds = Number(process.argv[2] ?? 11);
const sizeMaxMegabytes = 1.2;
const importMaxMs = 150;

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "mailchute-bench-"));
const timedImport =
  "const start = performance.now(); await import(process.argv[1]); console.log(performance.now() - start);";

async function importMs(file: string, env: Readonly<Record<string, string>>): Promise<number> {
  const args = ["--input-type=module", "--eval", timedImport, file];
  return Number((await run(process.execPath, args, { env: { ...process.env, ...env } })).stdout);
}

async function medianMs(file: string, env: Readonly<Record<string, string>>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await importMs(file, env));
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

try {
  const goal = `at most ${sizeMaxMegabytes} MB and ${importMaxMs} ms with the cache`;
  console.log(`${cpus().length} cores, Node ${process.version}, ${rounds} rounds; goal: ${goal}`);
  for (const entry of globSync("functions/*/handler.ts").sort()) {
    const into = join(folder, entry);
    bundle(entry, into);
    const file = join(into, "index.mjs");
    const cache = { NODE_COMPILE_CACHE: join(into, "cache") };
    await importMs(file, cache);
    const [uncached, cached] = [await medianMs(file, {}), await medianMs(file, cache)];
    const megabytes = statSync(file).size / 1e6;
    const isOver = megabytes > sizeMaxMegabytes || cached > importMaxMs;
    console.log(
      `${entry.padEnd(32)} ${megabytes.toFixed(2).padStart(5)} MB  ${uncached.toFixed(0).padStart(5)} ms  ` +
        `${cached.toFixed(0).padStart(5)} ms with the cache${isOver ? "  OVER THE GOAL" : ""}`,
    );
    if (isOver) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
