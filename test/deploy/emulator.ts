/** AWS on loopback: the emulator's two processes, and the CDK pointed at them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { listen } from "../../infra/local/listen.ts";

export interface EmulatedAws {
  readonly endpoint: string;
  /** Runs `cdk` in a folder, against the emulator; a throw shows what it printed. */
  cdk(folder: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export const region = "us-east-1";
export const account = "123456789012";

/** Starts what lies in a folder: a copy of the emulator, installed. */
export async function startEmulatedAws(folder: string): Promise<EmulatedAws> {
  const [lambdaPort, port] = [await freePort(), await freePort()];
  const endpoint = `http://127.0.0.1:${port}`;
  const functions = spawn(process.execPath, ["lambda-host.mjs", String(lambdaPort)], { cwd: folder });
  const services = spawn("python3", ["moto_plus.py", String(port), `http://127.0.0.1:${lambdaPort}`], {
    cwd: folder,
  });
  const children = [functions, services];
  await Promise.all([lineOf(functions, /^lambda host/), lineOf(services, /Running on/)]);
  return {
    endpoint,
    cdk: (where, args, env = {}) =>
      run(resolve("node_modules/.bin/cdk"), args, {
        cwd: where,
        env: { ...environment(endpoint, folder), ...env },
      }),
    close: async () => {
      await Promise.all(children.map(async (child) => child.kill() && once(child, "exit")));
    },
  };
}

const environment = (endpoint: string, folder: string) => ({
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  TMPDIR: folder,
  AWS_ENDPOINT_URL: endpoint,
  // Template URLs: the emulator finds the bucket in them by AWS's own host name.
  AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: `https://s3.${region}.amazonaws.com`,
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_EC2_METADATA_DISABLED: "true",
  CDK_DISABLE_VERSION_CHECK: "1",
  CDK_DISABLE_CLI_TELEMETRY: "true",
  CDK_DOCKER: join(folder, "fake-docker.sh"),
});

/** Of loopback, for a program that cannot tell which port it took. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, "127.0.0.1", 0);
  await new Promise((done) => server.close(done));
  return port;
}

/** Waits for a line of a program, and reads on. */
export async function lineOf(child: ChildProcess, pattern: RegExp): Promise<void> {
  const seen: string[] = [];
  const { promise, resolve: found, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    // Read to the end: a process whose output nobody takes stands still.
    createInterface({ input: stream }).on("line", (line) => {
      if (seen.length < 100) seen.push(line);
      if (pattern.test(line)) found();
    });
  }
  child.on("error", reject);
  child.on("exit", (code) => reject(new Error(`ended with ${code}:\n${seen.join("\n")}`)));
  return promise;
}

async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<void> {
  const child = spawn(command, [...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
}
