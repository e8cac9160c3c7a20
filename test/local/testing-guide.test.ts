/** Every example in docs/testing.md is run: here, and that for vitest by test/suites/vitest.ts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { guideBlock, guideFiles, guideLanguages, runCommand, writeGuideFiles } from "../support/guide.ts";
import { startRunner } from "../support/local-runner.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("there is no example that nobody runs", () => {
  assert.deepEqual(guideFiles, ["mailchute.mjs", "app.mjs", "mail.test.mjs", "mail.spec.mjs"]);
  assert.deepEqual(guideLanguages, ["js", "js", "js", "js", "sh"]);
});

test("the example for node:test passes", async (context) => {
  const folder = temporaryFolder(context);
  writeGuideFiles(folder);
  const { code, output } = await runCommand(process.execPath, ["--test", join(folder, "mail.test.mjs")], {
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
  const { code, output } = await runCommand("bash", ["-euc", guideBlock("sh")], {
    api: `${runner.origin}/api/v1`,
  });
  assert.equal(code, 0, output);
  assert.match(output, /"reply":"250 2\.0\.0.*"subject":"By hand".*\{"deleted":1,"kept":0\}/s);
});
