import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { listen } from "../../../infra/local/listen.ts";

/** Where the packages of mail servers are unpacked; installed, where it is not set. */
export const root = process.env["MAILCHUTE_PACKAGES"] ?? "";

/** Postfix finds its libraries by an absolute path, if not told otherwise. */
const env = root === "" ? process.env : { ...process.env, LD_LIBRARY_PATH: `${root}/usr/lib/postfix` };

/** Runs a program to its end, and gives what it printed; rejects with that when it fails, or is not there. */
export async function run(
  command: string,
  args: readonly string[],
  input: Buffer | string = "",
): Promise<string> {
  const child = spawn(command, args, { env });
  child.stdin.on("error", () => undefined).end(input);
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await once(child, "close");
  const output = (await printed).join("");
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output.slice(-4000)}`);
  return output;
}

export interface Daemon {
  readonly pid: number | undefined;
  readonly port: number;
  stop(): Promise<void>;
}

const startMaxMs = 20_000;

/** Starts a server that stays in the foreground; it is up when its port answers. */
export async function startDaemon(
  port: number,
  [command, ...args]: readonly [string, ...string[]],
): Promise<Daemon> {
  const child = spawn(command, args, {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const ended = once(child, "close").then(() => "ended");
  process.once("exit", () => child.kill());
  const startedMs = Date.now();
  while (!(await answers(port))) {
    if ((await Promise.race([ended, delay(50)])) === "ended" || Date.now() - startedMs > startMaxMs) {
      child.kill();
      throw new Error(`${command} does not start: ${said}`);
    }
  }
  return {
    pid: child.pid,
    port,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
  }).then((isUp) => {
    socket.destroy();
    return isUp === true;
  });
}

/** For a server that cannot be told to take any free one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, "127.0.0.1", 0);
  server.close();
  await once(server, "close");
  return port;
}
