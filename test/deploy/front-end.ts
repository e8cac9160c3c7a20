import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { bundle } from "../../infra/bundle.ts";
import { send } from "../../infra/cli/send.ts";
import { emulatedIdentity } from "../aws/emulated.ts";

export interface BundledFrontEnd {
  readonly port: number;
  /** Sends a mail and gives the id in the reply. */
  send(mail: { readonly to: string; readonly subject: string }): Promise<string>;
  close(): Promise<void>;
}

/** The front end's bundle, alone in a folder of its own, as the container has it. */
export async function startFrontEnd(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<BundledFrontEnd> {
  mkdirSync(folder);
  bundle("functions/smtp/main.ts", folder);
  const child = spawn(process.execPath, ["--enable-source-maps", "index.mjs"], {
    cwd: folder,
    env: {
      ...emulatedIdentity,
      ...environment,
      MAILCHUTE_SMTP_HOST: "127.0.0.1",
      MAILCHUTE_SMTP_PORT: "0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const server = await Promise.race([serverOf(child), endOf(child)]);
  return {
    port: Number(server.split(":").at(-1)),
    send: async ({ to, subject }) => {
      const [from, rcptTo] = ["alice@example.org", [to]];
      const mail = { mailFrom: from, rcptTo, content: { from, to: rcptTo, subject, text: "Hello." } };
      const { lastReply, refused } = await send(mail, { server, count: 1, connections: 1 });
      const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(lastReply ?? "")?.[0];
      if (id === undefined) throw new Error(`no id in ${lastReply} ${refused.join()}`);
      return id;
    },
    close: async () => {
      if (child.kill()) await once(child, "exit");
    },
  };
}

function serverOf({ stdout }: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  if (stdout === null) throw new Error("no output");
  createInterface({ input: stdout }).on("line", (line) => {
    const server = /^ready smtp=(\S+)/.exec(line)?.[1];
    if (server !== undefined) resolve(server);
  });
  return promise;
}

async function endOf(child: ChildProcess): Promise<never> {
  const [code] = await once(child, "exit");
  throw new Error(`the front end ended with ${code}`);
}
