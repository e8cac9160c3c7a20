import { type Html, html } from "../../http/html.ts";
import type { TranscriptLine } from "../index-tables.ts";
import { fineTime } from "./layout.ts";

/** What client and server said to each other. A pipelined command has a mark: its client had not waited for the reply before. */
export const transcriptSection = (lines: readonly TranscriptLine[] | null): Html => html`
<section id="smtp"><h2>SMTP transcript</h2>
${
  lines === null
    ? html`<p>Not kept: the message came before the program looked on, or long ago.</p>`
    : html`<table class="transcript"><thead><tr><th>Time</th><th>Who</th><th>Said</th></tr></thead><tbody>${lines.map(line)}</tbody></table>`
}</section>`;

const line = ({ at, by, text, isPipelined }: TranscriptLine): Html => html`<tr class="${by ?? "aside"}">
<td>${fineTime(at)}</td>
<td>${by === null ? "" : by === "client" ? "C" : "S"}</td>
<td>${by === "server" ? reply(text) : text}${isPipelined && html` <span class="badge plain">pipelined</span>`}</td></tr>`;

const meanings: Readonly<Record<string, string>> = { "4": "warn", "5": "bad" };

/** Its code is coloured where it is a refusal. */
function reply(text: string): Html {
  const meaning = meanings[text.slice(0, 1)];
  if (meaning === undefined) return html`${text}`;
  return html`<span class="badge ${meaning}">${text.slice(0, 3)}</span>${text.slice(3)}`;
}
