/** Every page, in light and dark, wide and as narrow as a telephone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startBrowsed } from "../support/browsed.ts";
import { findBarriers, visit } from "../support/browser.ts";
import type { Shown } from "../support/shown.ts";

const { browser, shown } = await startBrowsed();

const pages: readonly (readonly [string, (shown: Shown) => string])[] = [
  ["the list", () => "/"],
  ["a query that is wrong", () => "/?q=form%3Aann"],
  ["a message with everything", ({ full }) => `/messages/${full}`],
  ["a message whose delivery fails", ({ failed }) => `/messages/${failed}`],
  ["a message that is not there", () => "/messages/none"],
  ["compose", () => "/compose"],
  ["the sink", () => "/sink"],
  ["the status", () => "/status"],
];

for (const [name, path] of pages) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${name} has no barrier in ${colorScheme}, and needs no scrolling aside at 400 px`, async (context) => {
      const { page, complaints } = await visit(browser, shown.runner.origin, { colorScheme });
      context.after(() => page.context().close());
      await page.goto(path(shown));
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      assert.deepEqual(await findBarriers(page), []);
      await page.setViewportSize({ width: 400, height: 800 });
      const [needed, given] = [
        await page.evaluate("document.documentElement.scrollWidth"),
        await page.evaluate("document.documentElement.clientWidth"),
      ];
      assert.deepEqual([needed, given], [400, 400]);
      assert.deepEqual(await findBarriers(page), []);
      assert.deepEqual(complaints, []);
    });
  }
}
