import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Emulator } from "./fauxqs.ts";

/** Starts `moto_server` on a free port of loopback; null where it is not installed. It takes a second or two. */
export async function startMoto(): Promise<Emulator | null> {
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", "0"], { stdio: ["ignore", "ignore", "pipe"] });
  const end = () => child.kill();
  process.once("exit", end);
  const endpoint = await endpointOf(child);
  if (endpoint === null) return null;
  return {
    endpoint,
    close: async () => {
      process.off("exit", end);
      if (child.kill()) await once(child, "exit");
    },
  };
}

async function endpointOf(child: ChildProcess): Promise<string | null> {
  const isStarted = await once(child, "spawn").then(
    () => true,
    () => false,
  );
  if (!isStarted || child.stderr === null) return null;
  const lines = createInterface(child.stderr);
  const seen: string[] = [];
  for await (const line of lines) {
    seen.push(line);
    const endpoint = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (endpoint === undefined) continue;
    child.stderr.resume(); // It logs every request, and would stop when nobody reads.
    return endpoint;
  }
  throw new Error(`moto_server did not start:\n${seen.join("\n")}`);
}
