import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../../infra/bundle.ts";
import { emulatedIdentity } from "../aws/emulated.ts";

export interface BundledLambda {
  /** Calls the handler in a process of its own, and gives what it returned. */
  invoke(event: object): Promise<unknown>;
}

/** Reads the event, and prints what the handler returned after everything that it prints itself. */
const runner = `
  const { handler } = await import(process.cwd() + "/index.mjs");
  const event = JSON.parse(await new Response(process.stdin).text());
  console.log("\\n" + JSON.stringify(await handler(event) ?? null));
  process.exit();
`;

/** A function's bundle, in a folder that holds nothing else but the files it comes with. */
export function createLambda(
  entry: string,
  folder: string,
  {
    environment,
    files = {},
  }: {
    readonly environment: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, string>>;
  },
): BundledLambda {
  mkdirSync(folder);
  bundle(entry, folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return {
    invoke: async (event) => {
      const child = spawn(process.execPath, ["--enable-source-maps", "--input-type=module", "-e", runner], {
        cwd: folder,
        env: { ...emulatedIdentity, ...environment, AWS_LAMBDA_FUNCTION_NAME: "bundled" },
        stdio: ["pipe", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (chunk) => (output += chunk));
      child.stdin.end(JSON.stringify(event));
      const [code] = await once(child, "close");
      if (code !== 0) throw new Error(`${entry} ended with ${code}: ${output}`);
      return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "");
    },
  };
}
