/** The example for vitest in docs/testing.md, with the vitest of the folder MAILCHUTE_VITEST: `.ci/guide` installs it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runCommand, writeGuideFiles } from "../support/guide.ts";

const folder =
  process.env["MAILCHUTE_VITEST"] ?? assert.fail("MAILCHUTE_VITEST must name a folder with vitest");

test("the example for vitest passes", async () => {
  writeGuideFiles(folder);
  const vitest = join(folder, "node_modules/vitest/vitest.mjs");
  const { code, output } = await runCommand(process.execPath, [vitest, "run", "mail.spec.mjs"], {
    cwd: folder,
    MAILCHUTE_DIR: process.cwd(),
    NO_COLOR: "1",
  });
  assert.equal(code, 0, output);
  assert.match(output, /Tests +2 passed \(2\)/);
});
