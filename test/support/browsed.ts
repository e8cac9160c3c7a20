import { after } from "node:test";
import { type Browser, startBrowser } from "./browser.ts";
import type { LocalRunner } from "./local-runner.ts";
import { type Shown, startShown } from "./shown.ts";

/** A browser, and a running program for it to look at, until the tests of the file are over. */
export async function startBrowsed(): Promise<{ browser: Browser; shown: Shown; runner: LocalRunner }> {
  const [browser, shown] = await Promise.all([startBrowser(), startShown()]);
  const { runner } = shown;
  after(async () => {
    await browser.close();
    await runner.stop();
  });
  return { browser, shown, runner };
}
