/** A running program with something to see on each of its pages. */
import { NumberedEntry } from "../../infra/local/inspector/index-tables.ts";
import { type LocalRunner, startRunner } from "./local-runner.ts";

export interface Shown {
  readonly runner: LocalRunner;
  /** The id of a message with text, HTML, an image in it and an attachment. */
  readonly full: string;
  /** The id of one whose endpoint answers 500. */
  readonly failed: string;
}

const config = {
  hostname: "mx.example.com",
  endpoints: { inbox: { sink: true }, moody: { sink: true } },
  routes: [
    { name: "spam", when: { subject: "*spam*" }, drop: "it says so" },
    { name: "moody", when: { recipient: "moody@example.com" }, to: "moody" },
    { name: "tickets", when: { recipient: "reply+{ticket}@example.com" }, to: "inbox" },
    { name: "rest", when: { recipient: "*@example.com", not: { minSize: 9_000_000 } }, to: "inbox" },
  ],
} satisfies Parameters<typeof startRunner>[0];

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Words as long as a hostile or careless sender's: they must not widen a page. */
const long = "unbroken".repeat(30);

export async function startShown(): Promise<Shown> {
  const runner = await startRunner(config);
  await act(runner, "PUT", "/sink/moody", { behaviour: "error" });
  const full = await runner.send({
    from: `"Ann ${long}" <ann@example.org>`,
    to: "reply+42@example.com",
    subject: `Re: the order ${long}`,
    text: `Here it is.\n${long}\n`,
    html: `<h1>Here it is</h1><p>${long}<img src="cid:pixel" alt="a pixel"></p>`,
    attachments: [
      { filename: "pixel.png", content: pixel, cid: "pixel" },
      { filename: `${long}.csv`, content: "item,price\n" },
    ],
    headers: { "x-long": long },
  });
  const failed = await runner.send({
    from: "bob@example.net",
    to: "moody@example.com",
    subject: "Moody",
    text: "?",
  });
  await runner.send({ from: "eve@example.net", to: "help@example.com", subject: "spam", text: "Buy!" });
  await runner
    .send({ from: "eve@example.net", to: "nobody@elsewhere.example", subject: "?", text: "?" })
    .catch(() => null);
  await waitFor(runner, `id:${full} is:delivered`);
  await waitFor(runner, `id:${failed} is:retrying`);
  await waitFor(runner, "is:dropped");
  await waitFor(runner, "is:refused");
  return { runner, full, failed };
}

export async function waitFor({ origin }: LocalRunner, query: string): Promise<NumberedEntry> {
  const response = await fetch(`${origin}/api/v1/wait?timeout=30&q=${encodeURIComponent(query)}`);
  return NumberedEntry.parse(await response.json());
}

export async function act({ origin }: LocalRunner, method: string, path: string, body?: unknown) {
  const response = await fetch(`${origin}/api/v1${path}`, { method, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
}
