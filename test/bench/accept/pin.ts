import { spawnSync } from "node:child_process";

/** The CPU of the front end (or of what stands in for it), and that of the store and the load, where there are two. */
export const cpuOf = { frontEnd: 0, others: 1 } as const;

/** Keeps a process, its threads included, on one CPU, so that contenders do not differ by luck; true where it could. */
export function pin(pid: number | undefined, cpu: number): boolean {
  return pid !== undefined && spawnSync("taskset", ["-a", "-p", "-c", String(cpu), String(pid)]).status === 0;
}
