/** Debian's Chromium, driven as a person would: `.ci/browser` installs it. */
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import * as z from "zod";

export interface Visit {
  readonly page: Page;
  /** URLs of other servers that the page asked for; nothing of it leaves this machine. */
  readonly foreign: readonly string[];
  /** What pages wanted a person to read in a dialog: a sign that a script ran. */
  readonly dialogs: readonly string[];
  /** Errors of scripts, and what a policy forbade. */
  readonly complaints: readonly string[];
}

/** Nothing but what the tests ask of it: no updates, no first-run pages, no services of its maker. */
const flags = [
  "--disable-gpu",
  "--disable-lcd-text",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** In a container Chromium's own sandbox cannot work; the pages it opens are the tests' own. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: "/usr/bin/chromium", chromiumSandbox: false, args: flags });

export type { Browser, Frame, Page } from "playwright-core";

type ContextOptions = NonNullable<Parameters<Browser["newContext"]>[0]>;

/** A fresh profile with one page, whose world is the server at this origin. */
export async function visit(browser: Browser, origin: string, options: ContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  const foreign = await fence(context, origin);
  const page = await context.newPage();
  const [dialogs, complaints]: [string[], string[]] = [[], []];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isAnswer = message.text().startsWith("Failed to load resource: the server responded");
    if (message.type() === "error" && !isAnswer) complaints.push(message.text());
  });
  return { page, foreign, dialogs, complaints };
}

async function fence(context: BrowserContext, origin: string): Promise<readonly string[]> {
  const foreign: string[] = [];
  await context.route(
    (url) => url.origin !== origin,
    (route) => {
      foreign.push(route.request().url());
      return route.abort();
    },
  );
  return foreign;
}

const AxeResults = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      help: z.string(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
    }),
  ),
});

/** What axe finds in the page, a sentence each; what is in a mail is its sender's. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  // Evaluated from outside: the pages' own policy lets no script in.
  await page.evaluate(axe.source);
  const { violations } = AxeResults.parse(
    await page.evaluate("axe.run(document, { iframes: false, resultTypes: ['violations'] })"),
  );
  return violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${impact} ${id}: ${help}: ${html}: ${failureSummary}`),
  );
}
