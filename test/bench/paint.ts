/**
 * How soon the inspector's pages are painted, the list full: `npm run bench:paint`, with Debian's Chromium. The browser runs
 * already; each load is the first one of a profile of its own, so that nothing comes from a cache.
 */
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Browser, startBrowser, visit } from "../support/browser.ts";
import { startShown } from "../support/shown.ts";

const { rounds } = parseArgs({ options: { rounds: { type: "string", default: "20" } } }).values;

const Load = z.object({ paintMs: z.number(), firstByteMs: z.number() });

/** Evaluated in the page, whose policy lets nothing poll: resolves with its first paint. */
const untilPainted = `new Promise((done) => {
  const [{ responseStart }] = performance.getEntriesByType("navigation");
  const tell = (list) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    if (paint !== undefined) done({ paintMs: paint.startTime, firstByteMs: responseStart });
  };
  new PerformanceObserver(tell).observe({ type: "paint", buffered: true });
})`;

async function load(browser: Browser, origin: string, path: string) {
  const { page } = await visit(browser, origin);
  await page.goto(path);
  const timing = Load.parse(await page.evaluate(untilPainted));
  await page.context().close();
  return timing;
}

function describe(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? 0);
  return `median ${at(0.5)} ms, 9 of 10 within ${at(0.9)} ms`;
}

const [browser, { runner, full }] = await Promise.all([startBrowser(), startShown()]);
const mail = { from: "ann@example.org", to: "help@example.com", text: "How?" };
for (let n = 1; n <= 50; n += 1) await runner.send({ ...mail, subject: `A question, number ${n}` });
for (const path of ["/", `/messages/${full}`, "/compose", "/sink", "/status"]) {
  await load(browser, runner.origin, path);
  const loads: z.infer<typeof Load>[] = [];
  while (loads.length < Number(rounds)) loads.push(await load(browser, runner.origin, path));
  const paints = describe(loads.map(({ paintMs }) => paintMs));
  const bytes = describe(loads.map(({ firstByteMs }) => firstByteMs));
  process.stdout.write(
    `${path.replace(full, "{id}").padEnd(16)} first contentful paint: ${paints}; first byte: ${bytes}\n`,
  );
}
await browser.close();
await runner.stop();
