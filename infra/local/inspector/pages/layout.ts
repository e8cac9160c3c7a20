import { type Content, Html, html } from "../../http/html.ts";
import { script, style } from "../assets.ts";

const places = [
  ["/", "Messages"],
  ["/compose", "Compose"],
  ["/sink", "Webhooks"],
  ["/status", "Status"],
  ["/api/v1/openapi.json", "API"],
] as const;

/** A whole page, at one of the places of the menu or below it. */
export const layout = (title: string, here: string, content: Content): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Mailchute</title>
<link rel="icon" href="data:,">
<style>${new Html(style)}</style>
<script src="${script.path}" defer></script>
</head>
<body>
<header>
<strong>Mailchute</strong>
<nav aria-label="Places">${places.map(
  ([path, name]) => html`<a href="${path}"${path === here && html` aria-current="page"`}>${name}</a>`,
)}</nav>
</header>
<main>
<h1>${title}</h1>
${content}
</main>
<p id="told" role="status"></p>
</body>
</html>
`;

/** A state or a verdict, coloured by what it means. */
export const badge = (word: string): Html =>
  html`<span class="badge ${meanings[word] ?? "plain"}">${word}</span>`;

const meanings: Readonly<Record<string, string>> = {
  delivered: "good",
  pass: "good",
  verified: "good",
  underway: "busy",
  queued: "busy",
  retrying: "warn",
  retry: "warn",
  again: "warn",
  quarantined: "warn",
  softfail: "warn",
  temperror: "warn",
  permerror: "warn",
  dead: "bad",
  refused: "bad",
  fail: "bad",
  unrouted: "bad",
};

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** The time of day where this machine is, which is where its reader is; with the whole of it for whoever asks. */
export const time = (at: string): Html => timeAs(at, clock.format(Date.parse(at)));

/** To the millisecond. */
export const fineTime = (at: string): Html =>
  timeAs(at, `${clock.format(Date.parse(at))}${at.slice(19, 23)}`);

export const dayAndTime = (at: string): Html =>
  timeAs(at, html`<small>${calendar.format(Date.parse(at))}</small> ${clock.format(Date.parse(at))}`);

const timeAs = (at: string, shown: Content): Html =>
  html`<time datetime="${at}" title="${at}">${shown}</time>`;

export function size(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${sizeBytes} B`;
  const thousands = sizeBytes / 1000;
  return thousands < 1000 ? `${thousands.toPrecision(3)} kB` : `${(thousands / 1000).toPrecision(3)} MB`;
}
/** A button that asks the API for something; the script shows what came of it. */
export const action = (label: string, method: string, path: string, body?: unknown): Html =>
  html`<button data-method="${method}" data-path="${path}"${body !== undefined && html` data-body="${JSON.stringify(body)}"`}>${label}</button>`;

/** A button that puts what the path answers onto the clipboard. */
export const copy = (label: string, path: string): Html =>
  html`<button data-copy="${path}">${label}</button>`;
