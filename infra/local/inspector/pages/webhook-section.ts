import type { StageEvent } from "../../../../functions/mail/stage-event.ts";
import { type Html, html } from "../../http/html.ts";
import type { Delivery } from "../entry.ts";
import type { SentWebhook } from "../evidence.ts";
import { badge, time } from "./layout.ts";

export interface ShownDelivery {
  readonly delivery: Delivery;
  readonly attempts: readonly StageEvent[];
  /** Null where none was sent, or it was too long ago. */
  readonly sent: SentWebhook | null;
}

export const webhookSection = (deliveries: readonly ShownDelivery[]): Html => html`
<section id="webhooks"><h2>Webhooks</h2>
${deliveries.length === 0 && html`<p>None.</p>`}${deliveries.map(delivery)}</section>`;

const delivery = ({ delivery: one, attempts, sent }: ShownDelivery): Html => html`
<h3>${one.endpoint} ${badge(one.state)}${one.isReplay && html` <small>replay</small>`}</h3>
${one.nextAt !== null && html`<p>Next attempt at ${time(one.nextAt)}.</p>`}
${
  attempts.length > 0 &&
  html`<table class="stacked"><thead><tr><th>Time</th><th>Attempt</th><th>Outcome</th><th>Status</th><th>Took</th><th>Answer</th></tr></thead>
<tbody>${attempts.map(attempt)}</tbody></table>`
}
${
  sent !== null &&
  html`<details><summary>The webhook as it was sent</summary>
<h4>Headers</h4><pre tabindex="0">${Object.entries(sent.headers).map(([name, value]) => `${name}: ${value}\n`)}</pre>
<h4>Body</h4><pre tabindex="0">${sent.body === null ? "made as it was sent, and not kept" : pretty(sent.body)}</pre>
<h4>Answer</h4><pre tabindex="0">${sent.answer ?? "none"}</pre></details>`
}`;

const attempt = ({ at, outcome, durationMs, detail }: StageEvent): Html => html`<tr>
<td>${time(at)}</td><td>${String(detail["attempt"])}</td><td>${badge(outcome)}</td>
<td>${detail["status"] === null ? "" : String(detail["status"])}</td><td>${Math.round(durationMs)}&nbsp;ms</td>
<td>${[detail["reason"], detail["answer"]].filter((word) => typeof word === "string").join(": ")}</td></tr>`;

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
