import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export interface Child {
  readonly process: ChildProcess;
  readonly port: number;
}

/** Starts a program of this folder's and waits for the line that names its port. */
export async function startChild(
  [...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  // However the run ends, its children end with it.
  process.once("exit", () => child.kill());
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^ready \w+=[\d.]+:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    child.stdout.resume();
    return { process: child, port: Number(port) };
  }
  throw new Error(`${args.join(" ")} ended before it was ready`);
}

const tickMicroseconds = 10_000;

/** What the process has used of the CPU so far, the kernel's part included; 0 where there is no /proc. */
export function cpuMicroseconds(pid: number | undefined): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return 0;
  // Behind the name, which may hold anything: field 14 is utime, 15 stime (proc(5)).
  const fields = readFileSync(path, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickMicroseconds;
}
