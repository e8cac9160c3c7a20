import { type Html, html } from "../../http/html.ts";
import { type ChaosPart, chaosParts, type Fault } from "../chaos.ts";
import type { Minute } from "../meter.ts";
import type { EndpointHealth, QueueState, Totals } from "../status.ts";
import { action, badge, layout, time } from "./layout.ts";

export interface StatusPage {
  readonly totals: Totals;
  readonly queues: readonly QueueState[];
  readonly endpoints: readonly EndpointHealth[];
  readonly minutes: readonly Minute[];
  readonly faults: Readonly<Partial<Record<ChaosPart, Fault>>>;
}

export const statusPage = ({ totals, queues, endpoints, minutes, faults }: StatusPage): Html =>
  layout(
    "Status",
    "/status",
    html`
<div id="status" data-live="">
${conservation(totals)}
<h2>Queues</h2>
<table><thead><tr><th>Stage</th><th>Waiting</th><th>Under way</th><th>Put off</th><th>Oldest</th><th>Dead letters</th></tr></thead>
<tbody>${queues.map(queueRow)}</tbody></table>
<h2>Endpoints</h2>
<table><thead><tr><th>Endpoint</th><th>Last</th><th>Failed, of the last attempts</th><th>Average</th><th>Why</th></tr></thead>
<tbody>${endpoints.map(endpointRow)}</tbody></table>
<div class="cards">${charts(minutes)}</div>
</div>
<h2>Chaos</h2>
<p class="hint">Makes a part fail or wait, to see what becomes of the mail.</p>
${chaosParts.map((part) => chaosForm(part, faults[part]))}
<p>${action("End all faults", "DELETE", "/api/v1/chaos")}</p>`,
  );

/** What went in is what came out and what is still there; where it is not, a message was lost. */
function conservation(totals: Totals): Html {
  const { accepted, delivered, dropped, quarantined, dead, underway, refused, queued, deadLetters } = totals;
  const isWhole = underway <= queued;
  return html`<p>${accepted} accepted = ${delivered} delivered + ${dropped} dropped + ${quarantined} quarantined + ${dead} dead + ${underway} under way.
${refused} refused.</p>
<p>${badge(isWhole ? "pass" : "fail")} ${
    isWhole
      ? `The queues hold ${queued} messages for the ${underway} under way, and ${deadLetters} dead letters.`
      : `${underway} are under way, but the queues hold ${queued} messages: look again in a moment, and if it stays so, some are lost.`
  }</p>`;
}

const queueRow = ({
  stage,
  visible,
  inFlight,
  delayed,
  oldestSeconds,
  deadLetters,
}: QueueState): Html => html`<tr>
<td>${stage}</td><td>${visible}</td><td>${inFlight}</td><td>${delayed}</td>
<td>${oldestSeconds === null ? "" : `${oldestSeconds} s`}</td>
<td>${deadLetters}${deadLetters > 0 && html` ${action("Redrive all", "POST", `/api/v1/queues/${stage}/redrive`, {})}`}</td></tr>`;

const endpointRow = (health: EndpointHealth): Html => html`<tr>
<td>${health.endpoint}${health.isSink && html` <small>sink</small>`}</td>
<td>${health.lastAt !== null && time(health.lastAt)} ${health.lastStatus ?? ""}</td>
<td>${health.failed} of ${health.attempts}</td>
<td>${health.averageMs === null ? "" : `${health.averageMs} ms`}</td>
<td>${health.lastReason ?? ""}</td></tr>`;

function charts(minutes: readonly Minute[]): Html {
  const of = (name: string, unit: string, value: (minute: Minute) => number | null) =>
    chart(name, unit, minutes.map(value));
  return html`${of("Accepted", "a minute", ({ accepted }) => accepted)}
${of("Refused", "a minute", ({ refused }) => refused)}
${of("Delivered", "a minute", ({ delivered }) => delivered)}
${of("From 250 to webhook, 95 of 100 within", "ms", ({ latencyP95Ms }) => latencyP95Ms)}`;
}

/** The last hour, a bar for each minute; in words for those who do not see it. */
function chart(name: string, unit: string, values: readonly (number | null)[]): Html {
  const highest = Math.max(1, ...values.map((value) => value ?? 0));
  const bars = values.map((value, n) => {
    const height = ((value ?? 0) / highest) * 40;
    return html`<rect x="${n * 5}" y="${(40 - height).toFixed(1)}" width="4" height="${height.toFixed(1)}"/>`;
  });
  const last = values.at(-1) ?? null;
  return html`<section><h2>${name}</h2>
<svg viewBox="0 0 ${values.length * 5} 40" preserveAspectRatio="none" role="img" aria-label="${name}, the last hour: at most ${highest} ${unit}">${bars}</svg>
<small>at most ${highest} ${unit}${last !== null && `, now ${last}`}</small></section>`;
}

const chaosForm = (part: ChaosPart, fault: Fault | undefined): Html => html`
<form class="actions" data-method="PUT" data-path="/api/v1/chaos/${part}"><strong>${part}</strong>
<label>fails with probability <input name="failProbability" type="number" min="0" max="1" step="0.05" value="${fault?.failProbability ?? 0}"></label>
<label>waits for <input name="delayMs" type="number" min="0" max="60000" step="100" value="${fault?.delayMs ?? 0}"> ms</label>
<button>Set ${part}</button></form>`;
