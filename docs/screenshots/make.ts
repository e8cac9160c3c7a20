/** Makes the pictures in this folder: `node docs/screenshots/make.ts`. Chromium must be there, as `.ci/browser` installs it. */
import { join } from "node:path";
import { startBrowser, visit } from "../../test/support/browser.ts";
import { startRunner } from "../../test/support/local-runner.ts";
import { act, waitFor } from "../../test/support/shown.ts";

const runner = await startRunner({
  hostname: "mx.example.com",
  endpoints: { helpdesk: { sink: true }, billing: { sink: true } },
  routes: [
    { name: "bounces", when: { kind: "bounce" }, drop: "a bounce" },
    { name: "invoices", when: { recipient: "billing@example.com", hasAttachments: true }, to: "billing" },
    { name: "replies", when: { recipient: "reply+{ticket}@example.com" }, to: "helpdesk" },
    { name: "rest", when: { recipient: "*@example.com" }, to: "helpdesk" },
  ],
});
await act(runner, "PUT", "/sink/billing", { behaviour: "error" });
const mails: readonly (readonly [string, string, string, string?])[] = [
  ["plain", "ann@example.org", "hello@example.com", "Can I change my plan?"],
  ["html", "news@example.net", "hello@example.com", "What is new in November"],
  ["calendar", "bob@example.net", "hello@example.com"],
  ["bounce", "shop@example.com", "returns@example.com"],
  ["attachment", "accounts@supplier.example", "billing@example.com", "Invoice 2026-117"],
  ["spoofed", "you@example.org", "hello@example.com"],
  ["plain", "eve@example.net", "nobody@elsewhere.example"],
  ["reply", "ann@example.org", "reply+42@example.com", "Re: Ticket 42: the parcel"],
];
for (const [template, from, to, subject] of mails) {
  await act(runner, "POST", "/send", { template, from, to, ...(subject && { subject }) }).catch(() => null);
}
await waitFor(runner, "to:billing@example.com is:retrying");
const { id } = await waitFor(runner, "to:reply+42@example.com is:delivered");

const browser = await startBrowser();
for (const colorScheme of ["light", "dark"] as const) {
  const viewport = { width: 1000, height: 560 };
  const { page } = await visit(browser, runner.origin, { colorScheme, viewport });
  const take = async (name: string, path: string) => {
    await page.goto(path);
    await page.screenshot({ path: join(import.meta.dirname, `${name}-${colorScheme}.png`) });
  };
  await take("messages", "/");
  await take("route", `/messages/${id}#route`);
  await take("status", "/status");
}
await browser.close();
await runner.stop();
