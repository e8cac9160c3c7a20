import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";

async function run(...words: readonly string[]) {
  const child = spawn(process.execPath, ["infra/cli/main.ts", ...words]);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const [code] = await once(child, "close");
  return { code, ...output };
}

const nowhere = ["--url", "http://127.0.0.1:1"];

test("help fits a screen of 80 columns", async () => {
  const { stdout } = await run("--help");
  const lines = stdout.split("\n");
  assert.ok(lines.length <= 36, `${lines.length} lines`);
});

const rows: readonly [string, readonly string[], number, RegExp][] = [
  ["help is no error, and tells the exit codes", ["--help"], 0, /Exit codes: 0 done, 1 the answer is no/],
  ["a mistyped command gets the nearest", ["lst"], 2, /Did you mean list\?/],
  ["a missing option is named", ["send"], 2, /required option '--to <address\.\.\.>'/],
  ["a template that is none gets all of them", ["send", "--to", "a@b", "--template", "x"], 2, /plain, html/],
  [
    "a file that is not there is named",
    ["send", "--to", "a@b.c", "--eml", "none.eml"],
    2,
    /none\.eml cannot be read/,
  ],
  [
    "a server that is none is told how to be one",
    ["send", "--to", "a@b.c", "--server", "x"],
    2,
    /must be host:port/,
  ],
  [
    "a server that is not there refuses",
    ["send", "--to", "a@b.c", "--server", "127.0.0.1:1"],
    1,
    /nothing listens on/,
  ],
  ["a program that does not run is told how to", [...nowhere, "list"], 3, /start it with "npm start"/],
  [
    "a config that is not there is not right",
    ["config", "check", "none.json"],
    1,
    /none\.json: no such file/,
  ],
];

describe("the command", { concurrency: 2 }, () => {
  for (const [name, words, code, said] of rows) {
    test(name, async () => {
      const ended = await run(...words);
      assert.match(ended.stdout + ended.stderr, said);
      assert.doesNotMatch(ended.stderr, /\n\s+at /, "a stack is not for users");
      assert.equal(ended.code, code);
    });
  }
});
