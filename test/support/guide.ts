/** The code in docs/testing.md, as it stands there. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const guide = readFileSync("docs/testing.md", "utf8");

/** The blocks that are files: each begins with its name. */
export const guideFiles = [...guide.matchAll(/^```js\n\/\/ (\S+)\n.*?^```$/gms)].map(([, name = ""]) => name);

/** Every block, by its language. */
export const guideLanguages = [...guide.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);

/** The block that begins with this line, or the first in this language. */
export const guideBlock = (language: string, firstLine = "") =>
  new RegExp(`^\`\`\`${language}\n(${RegExp.escape(firstLine)}.*?)^\`\`\`$`, "ms").exec(guide)?.[1] ??
  assert.fail(`no ${language} block ${firstLine}`);

export function writeGuideFiles(folder: string): void {
  for (const name of guideFiles) writeFileSync(join(folder, name), guideBlock("js", `// ${name}\n`));
}

/** Runs a command to its end, not as a part of the tests that run it. */
export async function runCommand(
  command: string,
  words: readonly string[],
  { cwd = process.cwd(), ...env }: Readonly<Record<string, string>>,
) {
  const inherited = Object.entries(process.env).filter(([name]) => name !== "NODE_TEST_CONTEXT");
  const child = spawn(command, words, { cwd, env: { ...Object.fromEntries(inherited), ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  return { code, output };
}
