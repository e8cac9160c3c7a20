/** The code in docs/testing.md, as it stands there. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startRunner } from "../support/local-runner.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const guide = readFileSync("docs/testing.md", "utf8");

/** The block that begins with this line, or the first in this language. */
const block = (language: string, firstLine = "") =>
  new RegExp(`^\`\`\`${language}\n(${RegExp.escape(firstLine)}.*?)^\`\`\`$`, "ms").exec(guide)?.[1] ??
  assert.fail(`no ${language} block ${firstLine}`);

async function run(command: string, words: readonly string[], env: Readonly<Record<string, string>>) {
  const inherited = Object.entries(process.env).filter(([name]) => name !== "NODE_TEST_CONTEXT");
  const child = spawn(command, words, { env: { ...Object.fromEntries(inherited), ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  return { code, output };
}

test("the example for node:test passes", async (context) => {
  const folder = temporaryFolder(context);
  for (const name of ["mailchute.mjs", "mail.test.mjs"])
    writeFileSync(join(folder, name), block("js", `// ${name}\n`));
  const { code, output } = await run(process.execPath, ["--test", join(folder, "mail.test.mjs")], {
    MAILCHUTE_DIR: process.cwd(),
  });
  assert.equal(code, 0, output);
  assert.match(output, /^ℹ pass 2$/m);
});

test("the example for any language does as it says", async (context) => {
  const runner = await startRunner({
    hostname: "mx.example.com",
    endpoints: { inbox: { sink: true } },
    routes: [{ name: "all", when: { recipient: "*@example.com" }, to: "inbox" }],
  });
  context.after(runner.stop);
  const { code, output } = await run("bash", ["-euc", block("sh")], { api: `${runner.origin}/api/v1` });
  assert.equal(code, 0, output);
  assert.match(output, /"reply":"250 2\.0\.0.*"subject":"By hand".*\{"deleted":1,"kept":0\}/s);
});
