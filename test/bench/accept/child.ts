import { type ChildProcess, spawn } from "node:child_process";
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
