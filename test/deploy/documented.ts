import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** AWS's own command line, whose first version asks SQS elsewhere unless it is told like this. */
const prelude = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }';

export const isAwsHere = () => spawnSync("aws", ["--version"]).status === 0;

export interface Documented {
  /** Gives what a command prints that stands in a document, with what its reader fills in. */
  run(document: string, command: RegExp, filledIn?: Readonly<Record<string, string>>): Promise<string>;
}

/** Runs the commands of documents where AWS is at another address. */
export function createDocumented(env: Readonly<Record<string, string>>): Documented {
  const runbook = readFileSync("docs/runbook.md", "utf8");
  const helpers = runbook.match(/^\w+\(\) \{ .+ \}$/gm) ?? [];
  return {
    run: async (document, pattern, filledIn = {}) => {
      const [command] = pattern.exec(readFileSync(document, "utf8")) ?? [];
      assert.ok(command !== undefined, `${document} has no ${pattern}`);
      const filled = Object.entries(filledIn).reduce(
        (text, [gap, value]) => text.replaceAll(gap, value),
        command,
      );
      const script = [prelude, ...helpers, filled].join("\n");
      const { stdout } = await execute("bash", ["-euc", script], { env: { ...process.env, ...env } });
      return stdout;
    },
  };
}
