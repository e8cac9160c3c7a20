import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Program {
  readonly child: ChildProcess;
  readonly smtpPort: number;
  readonly httpPort: number;
  /** Everything printed so far on standard output, a line each. */
  readonly lines: readonly string[];
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts `npm start`'s program as a child, as a user would, and waits for its `ready` line. */
export async function startProgram(env: Readonly<Record<string, string>>): Promise<Program> {
  const { child, lines, failed } = spawnProgram(env);
  const ready = await Promise.race([lineThat(child, lines, (line) => line.startsWith("ready ")), failed]);
  const ports = /^ready smtp=127\.0\.0\.1:(\d+) http=127\.0\.0\.1:(\d+) /.exec(ready);
  if (ports === null) throw new Error(`not a ready line: ${ready}`);
  return {
    child,
    lines,
    smtpPort: Number(ports[1]),
    httpPort: Number(ports[2]),
    kill: async (signal) => {
      const ended = once(child, "exit");
      child.kill(signal);
      const [code, by] = await ended;
      return { code, signal: by };
    },
  };
}

/** Runs the program to its end: for the cases where it refuses to start. */
export async function runProgram(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["infra/local/main.ts"], { env: { ...baseEnv(), ...env } });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const [code] = await once(child, "close");
  return { code, ...output };
}

function baseEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("MAILCHUTE_") && name !== "NODE_TEST_CONTEXT",
  );
  return { ...Object.fromEntries(own), MAILCHUTE_SMTP_PORT: "0", MAILCHUTE_HTTP_PORT: "0" };
}

function spawnProgram(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["infra/local/main.ts"], {
    env: { ...baseEnv(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    child.emit("line");
  });
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const failed = once(child, "exit").then(([code]): never => {
    throw new Error(`the program ended with ${code} before it was ready: ${stderr}`);
  });
  failed.catch(() => undefined);
  return { child, lines, failed };
}

async function lineThat(
  child: ChildProcess,
  lines: readonly string[],
  isRight: (line: string) => boolean,
): Promise<string> {
  for (;;) {
    const line = lines.find(isRight);
    if (line !== undefined) return line;
    await once(child, "line");
  }
}
