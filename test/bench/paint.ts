/**
 * How soon the inspector's pages are painted, the list full, beside a bare page: `npm run bench:paint`, with Debian's Chromium.
 * The browser runs and its window stands, as they do for who opens the inspector; each load is the first one of a profile of
 * its own, so that nothing comes from a cache. Milliseconds from the start of the navigation, the server's time among them.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Browser, startBrowser } from "../support/browser.ts";
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

/** A new window loads pages of the browser's own, on the same processors: they are no part of ours. */
const windowSettlesMs = 1500;

/** No request is routed through this process, as the tests do: that costs each of them a detour. */
async function load(browser: Browser, url: string) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await sleep(windowSettlesMs);
  await page.goto(url);
  const timing = Load.parse(await page.evaluate(untilPainted));
  await context.close();
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
const bare = createServer((_, response) =>
  response.setHeader("content-type", "text/html").end("<!doctype html><title>Bare</title><h1>Bare</h1>"),
).listen(0, "127.0.0.1");
await once(bare, "listening");
const { port } = z.object({ port: z.number() }).parse(bare.address());

const pages = [
  ["a bare page", `http://127.0.0.1:${port}/`],
  ...["/", `/messages/${full}`, "/compose", "/sink", "/status"].map(
    (path) => [path.replace(full, "{id}"), runner.origin + path] as const,
  ),
] as const;
const loads = new Map<string, z.infer<typeof Load>[]>(pages.map(([name]) => [name, []]));
for (const [, url] of pages) await load(browser, url);
// By turns, so that whatever else the machine does meets each page alike.
for (let round = 0; round < Number(rounds); round += 1)
  for (const [name, url] of pages) loads.get(name)?.push(await load(browser, url));
for (const [name, timings] of loads) {
  const paints = describe(timings.map(({ paintMs }) => paintMs));
  const bytes = describe(timings.map(({ firstByteMs }) => firstByteMs));
  process.stdout.write(`${name.padEnd(16)} first contentful paint: ${paints}; first byte: ${bytes}\n`);
}
await browser.close();
bare.close();
await runner.stop();
