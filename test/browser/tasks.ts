/** What a person does with the inspector, in a real browser. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startBrowsed } from "../support/browsed.ts";
import { type Page, visit } from "../support/browser.ts";
import { act, waitFor } from "../support/shown.ts";

const { browser, shown, runner } = await startBrowsed();

/** A page of a browser of its own, at a path; it must have nothing to complain of in the end. */
async function open(context: TestContext, path: string): Promise<Page> {
  const { page, complaints, foreign } = await visit(browser, runner.origin);
  context.after(async () => {
    await page.context().close();
    assert.deepEqual([complaints, foreign], [[], []]);
  });
  await page.goto(path);
  return page;
}

const mail = { from: "ann@example.org", to: "help@example.com", text: "How?" };

test("a mail is seen to arrive, without the page being loaded again", async (context) => {
  const page = await open(context, "/");
  await page.evaluate("window.isTheSame = true");
  await page.locator(`a[href="/messages/${shown.full}"]`).focus();
  await runner.send({ ...mail, subject: "Just come" });
  const row = page.locator("tr", { hasText: "Just come" });
  await row.locator(".badge", { hasText: "delivered" }).waitFor();
  assert.match((await page.locator("tbody tr").first().textContent()) ?? "", /Just come/);
  assert.equal(await page.evaluate("isTheSame"), true);
  const focused = await page.evaluate("document.activeElement.getAttribute('href')");
  assert.equal(focused, `/messages/${shown.full}`, "the focus stays where it was");
});

test("a message is read: its stages, text, HTML, parts and what was sent", async (context) => {
  const page = await open(context, "/");
  await page.locator(`a[href="/messages/${shown.full}"]`).click();
  const stages = await page.locator("#timeline tbody td:nth-child(2)").allTextContents();
  assert.deepEqual(stages, ["smtp", "parse", "validate", "route", "deliver"]);
  assert.match((await page.locator("#content pre").textContent()) ?? "", /^Here it is\./);
  const frame = page.frameLocator("#html-frame");
  await page.locator("#html-frame").scrollIntoViewIfNeeded();
  assert.equal(await frame.locator("h1").textContent(), "Here it is");
  await frame.locator('img[src^="data:image/png;base64,"]').waitFor();
  assert.match(
    (await page.locator("#parts > ul").textContent()) ?? "",
    /multipart\/mixed.*text\/html.*image\/png/s,
  );
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator("#parts a", { hasText: ".csv" }).click(),
  ]);
  assert.match(download.suggestedFilename(), /^unbroken.*\.csv$/);
  assert.equal(
    Buffer.concat(await Array.fromAsync(await download.createReadStream())).toString(),
    "item,price\n",
  );
  await page.locator("#raw summary").click();
  assert.match((await page.locator("#raw pre").textContent()) ?? "", /^X-Long:\s+unbroken/m);
  assert.match((await page.locator("#verdict").textContent()) ?? "", /DMARC.*no DMARC record/s);
});

test("a route is explained while the config is edited", async (context) => {
  const page = await open(context, `/messages/${shown.full}`);
  await page.locator("#explanation strong", { hasText: "tickets" }).waitFor();
  assert.match((await page.locator("#explanation").textContent()) ?? "", /with ticket=42/);
  await page.locator("#route summary").click();
  const field = page.locator("#config");
  const config = await field.inputValue();
  await field.fill(config.replace('"reply+{ticket}@example.com"', '"other@example.com"'));
  await page.locator("#explanation strong", { hasText: "rest" }).waitFor();
  await field.fill(config.replace('"hostname"', '"hostnam"'));
  await page.locator("#explanation .problem", { hasText: "hostnam" }).waitFor();
  await field.fill("{");
  await page.locator("#explanation .problem", { hasText: "not JSON" }).waitFor();
});

test("a delivery that failed is had now, and then replayed", async (context) => {
  const id = await runner.send({ ...mail, to: "moody@example.com", subject: "Try again" });
  await waitFor(runner, `id:${id} is:retrying`);
  const page = await open(context, "/sink");
  await page.getByLabel("moody").selectOption("ok");
  await page.locator("#told", { hasText: "behaviour: ok" }).waitFor();
  context.after(() => act(runner, "PUT", "/sink/moody", { behaviour: "error" }));
  await page.goto(`/messages/${id}`);
  await page.locator("#webhooks summary").click();
  await page.getByRole("button", { name: "Retry now" }).click();
  await page.locator("#state .badge", { hasText: "delivered" }).waitFor();
  assert.deepEqual(await page.locator("#webhooks tbody .badge").allTextContents(), ["retry", "delivered"]);
  assert.ok(await page.locator("#webhooks pre").first().isVisible(), "what was opened stays open");
  await page.getByRole("button", { name: "Replay" }).click();
  await page
    .locator("#webhooks h3", { hasText: "replay" })
    .locator(".badge", { hasText: "delivered" })
    .waitFor();
});

test("a mail is composed and sent, from a template and from a file", async (context) => {
  const page = await open(context, "/compose");
  await page.getByLabel("Template").selectOption("html");
  await page.getByRole("textbox", { name: "To" }).fill("composed@example.com");
  await page.getByLabel("Subject").fill("Composed");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator("#told", { hasText: "reply: 250 2.0.0" }).getByRole("link").click();
  await page.locator("h1", { hasText: "Composed" }).waitFor();
  await page.locator("#state .badge", { hasText: "delivered" }).waitFor();
  await page.goto("/compose");
  await page.getByRole("textbox", { name: "To" }).fill("unknown@elsewhere.example");
  const file = {
    name: "mail.eml",
    mimeType: "message/rfc822",
    buffer: Buffer.from("Subject: A file\r\n\r\nText\r\n"),
  };
  await page.locator("#eml").setInputFiles(file);
  await page.locator("#told", { hasText: "550 5.1.1" }).waitFor();
  await page.getByRole("textbox", { name: "To" }).fill("help@example.com");
  await page.locator("#eml").setInputFiles(file);
  await page.locator("#told", { hasText: "reply: 250 2.0.0" }).getByRole("link").click();
  await page.locator("h1", { hasText: "A file" }).waitFor();
});

test("a file is dropped anywhere on the page, and what is no file is let be", async (context) => {
  const page = await open(context, "/compose");
  const drop = async (fill: string) => {
    const dataTransfer = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      ${fill};
      return transfer;
    })()`);
    await page.locator("h1").dispatchEvent("dragover", { dataTransfer });
    const isMarked = await page.evaluate("document.body.classList.contains('dropping')");
    await page.locator("h1").dispatchEvent("drop", { dataTransfer });
    return isMarked;
  };
  assert.equal(await drop("transfer.setData('text/plain', 'words')"), false);
  const file = "new File(['Subject: Dropped\\r\\n\\r\\nText\\r\\n'], 'mail.eml', { type: 'message/rfc822' })";
  assert.equal(await drop(`transfer.items.add(${file})`), true);
  await page.locator("#told", { hasText: "reply: 250 2.0.0" }).getByRole("link").click();
  await page.locator("h1", { hasText: "Dropped" }).waitFor();
});

test("the list is walked, searched and left by keys alone", async (context) => {
  const page = await open(context, "/");
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("/");
  await page.keyboard.type("from:ann from:example.org has:attachment");
  await Promise.all([page.waitForURL(/\?q=from/), press("Enter")]);
  assert.equal(await page.locator("tbody tr").count(), 1);
  await page.goto("/");
  const links = page.locator(".subject a");
  const hrefs = await links.evaluateAll((all) => all.map((one) => String(one)));
  await press("j", "j", "j", "k");
  assert.equal(await page.evaluate("document.activeElement.href"), hrefs[1]);
  await Promise.all([page.waitForURL(hrefs[1] ?? ""), press("Enter")]);
  await Promise.all([page.waitForURL("/compose"), press("c")]);
  await page.getByLabel("Text").focus();
  await page.keyboard.type("c/jk");
  assert.equal(await page.getByLabel("Text").inputValue(), "c/jk", "in a field a key is a letter");
});

test("everything that can be clicked can be reached by Tab, and shows that it is", async (context) => {
  const page = await open(context, `/messages/${shown.full}`);
  const wanted = Number(
    await page.evaluate(
      "document.querySelectorAll('a, button, summary, iframe, pre[tabindex]').length - document.querySelectorAll('details:not([open]) :is(pre, textarea)').length",
    ),
  );
  const reached = new Set<unknown>();
  // Past the end it begins anew. While the focus passes through a frame, nothing has it: three rounds see everything.
  for (let presses = 0; presses < 3 * wanted && reached.size < wanted; presses += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(`(() => {
      const one = document.activeElement;
      if (one === document.body) return null;
      if (one.tagName !== 'IFRAME' && getComputedStyle(one).outlineStyle === 'none') throw new Error('no outline: ' + one.outerHTML);
      return [...document.querySelectorAll('*')].indexOf(one);
    })()`);
    if (at !== null) reached.add(at);
  }
  assert.equal(reached.size, wanted);
});
