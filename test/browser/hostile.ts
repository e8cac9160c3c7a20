/** Mail that would run a script in whoever reads it. Each payload is first shown to work on a page that does not guard itself. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startBrowsed } from "../support/browsed.ts";
import { type Frame, type Page, type Visit, visit } from "../support/browser.ts";
import { waitFor } from "../support/shown.ts";

const { browser, runner } = await startBrowsed();

/** Where a script that runs, or a page that lets itself be led away, is heard. */
const beacon = "http://beacon.invalid/ran";
/** What a sender may fetch where the reader allowed it. */
const picture = "http://sender.invalid/picture.png";

const script = `new Image().src='${beacon}';try{top.document.title='ran'}catch{}`;

const payloads: readonly (readonly [string, string])[] = [
  ["a script", `<script>${script}</script>`],
  ["a script from elsewhere", `<script src="${beacon}"></script>`],
  ["an image that fails", `<img src="x:" onerror="${script}">`],
  ["an SVG image that loads", `<svg onload="${script}"></svg>`],
  ["a body that loads", `<body onload="${script}">`],
  ["a frame in the frame", `<iframe srcdoc="&lt;script&gt;${script}&lt;/script&gt;"></iframe>`],
  ["a link that is a script", `<a href="javascript:${script}">click</a>`],
  ["details that open", `<details open ontoggle="${script}"><summary>x</summary></details>`],
  ["a field that takes the focus", `<input autofocus onfocus="${script}">`],
  [
    "an animation",
    `<style>@keyframes a{}</style><b style="animation:a 1ms" onanimationstart="${script}">x</b>`,
  ],
  ["a video that fails", `<video><source onerror="${script}" src="x:"></video>`],
  ["an object that is a page", `<object data="${beacon}" type="text/html"></object>`],
  ["a page that leads away", `<meta http-equiv="refresh" content="0;url=${beacon}">`],
  ["a form to elsewhere", `<form action="${beacon}"><button>click</button></form>`],
  ["a form that is a script", `<form action="javascript:${script}"><button>click</button></form>`],
  ["a link out of the frame", `<a href="${beacon}" target="_top">click</a>`],
  ["a link to a new window", `<a href="${beacon}" target="_blank">click</a>`],
  ["a base that turns links elsewhere", `<base href="http://beacon.invalid/"><a href="ran">click</a>`],
];

/** A quarter of a second's worth of frames: what loads or begins by itself has begun. */
const settle = (frame: Page | Frame) =>
  frame.evaluate(
    "new Promise((done) => { let left = 15; const next = () => (left-- > 0 ? requestAnimationFrame(next) : done()); next(); })",
  );

const clickAll = async (frame: Frame) => {
  for (const one of await frame.locator("a, button").all()) await one.click({ noWaitAfter: true });
};

describe("a mail's HTML", () => {
  for (const [name, html] of payloads) {
    test(`${name} does nothing here, and would on another page`, async () => {
      await provesItself(html);
      const id = await send(`${html}<p id="end">end<img src="${picture}" alt=""></p>`);
      const seen = await visit(browser, runner.origin);
      await seen.page.goto(`/messages/${id}`);
      await readHtml(seen.page, false);
      assert.deepEqual([seen.foreign, seen.dialogs], [[], []], "before remote content is asked for");
      await seen.page.getByRole("button", { name: "Load remote content" }).click();
      await readHtml(seen.page, true);
      assert.deepEqual([...new Set(seen.foreign)], [picture], "after");
      assert.match(await seen.page.title(), /^Hostile · /);
      assert.equal(seen.page.context().pages().length, 1);
      await seen.page.context().close();
    });
  }
});

/** Without a guard the beacon is asked for. */
async function provesItself(html: string): Promise<void> {
  const { page } = await visit(browser, "http://bare.invalid");
  await page.route("http://bare.invalid/", (route) =>
    route.fulfill({ body: html, contentType: "text/html" }),
  );
  const heard = page.context().waitForEvent("request", (request) => request.url().startsWith(beacon));
  await page.goto("http://bare.invalid/", { waitUntil: "commit" });
  await Promise.all([
    heard,
    page
      .waitForLoadState()
      .then(() => clickAll(page.mainFrame()))
      .catch(() => undefined),
  ]);
  await page.context().close();
}

async function send(html: string, subject = "Hostile"): Promise<string> {
  const id = await runner.send({ from: "eve@example.net", to: "help@example.com", subject, html });
  await waitFor(runner, `id:${id} is:delivered`);
  return id;
}

/** Sees the frame to its end, and clicks whatever can be clicked in it. */
async function readHtml(page: Page, isRemote: boolean): Promise<void> {
  const handle = await page.locator("#html-frame").elementHandle();
  await page.locator("#html-frame").scrollIntoViewIfNeeded();
  const frame = (await handle?.contentFrame()) ?? assert.fail("no frame");
  await frame.waitForURL(isRemote ? /remote=yes$/ : /html$/);
  await frame.locator("#end").waitFor();
  await settle(page);
  await clickAll(frame);
  await settle(page);
}

test("the words of a mail are words, wherever they are shown", async () => {
  const hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
  const seen = await visit(browser, runner.origin);
  const { page } = seen;
  await page.goto("/");
  const id = await runner.send({
    from: { name: hostile, address: "eve@example.net" },
    to: "help@example.com",
    subject: hostile,
    text: hostile,
    headers: { "x-odd": hostile },
    attachments: [{ filename: hostile, content: hostile, contentType: "text/html" }],
  });
  await waitFor(runner, `id:${id} is:delivered`);
  assert.equal(await page.locator(`a[href="/messages/${id}"]`).textContent(), hostile);
  await page.goto(`/?q=${encodeURIComponent(hostile)}`);
  assert.equal(await page.getByLabel("Search").inputValue(), hostile);
  await page.goto(`/messages/${id}`);
  assert.equal(await page.locator("h1").textContent(), hostile);
  assert.match((await page.locator("#content pre").textContent()) ?? "", /^"><img src=x onerror/);
  await page.locator("#route summary").click();
  const field = page.locator("#config");
  const config = await field.inputValue();
  await field.fill(config.replace('"hostname"', JSON.stringify(hostile)));
  await page.locator("#explanation .problem").waitFor();
  await field.fill(config.replace('"*spam*"', JSON.stringify(hostile)));
  await page.locator("#explanation code", { hasText: "<script>" }).first().waitFor();
  await page.goto("/sink");
  await page.locator("pre", { hasText: "onerror" }).first().waitFor({ state: "attached" });
  assertNothingRan(seen);
});

function assertNothingRan({ foreign, dialogs, complaints }: Visit): void {
  assert.deepEqual([foreign, dialogs, complaints], [[], [], []]);
}
