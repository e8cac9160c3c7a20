import { type Html, html } from "../../http/html.ts";
import { SinkBehaviour, type SinkDelivery } from "../../http/sink.ts";
import type { EndpointHealth } from "../status.ts";
import { badge, layout, time } from "./layout.ts";

const meanings: Readonly<Record<SinkBehaviour, string>> = {
  ok: "ok: answers 204",
  gone: "gone: answers 410, which ends the delivery",
  busy: "busy: answers 429 with Retry-After: 30",
  error: "error: answers 500",
  slow: "slow: answers 204 after 10 seconds",
};

export const sinkPage = (endpoints: readonly EndpointHealth[], deliveries: readonly SinkDelivery[]): Html =>
  layout(
    "Webhooks",
    "/sink",
    html`
<h2>What the built-in sink answers</h2>
${endpoints.filter(({ isSink }) => isSink).map(behaviour)}
<div id="deliveries" data-live="">
<h2>What it took</h2>
${deliveries.length === 0 ? html`<p>Nothing yet.</p>` : table(deliveries)}
</div>`,
  );

const behaviour = ({ endpoint, behaviour: now }: EndpointHealth): Html => html`<p><label>${endpoint}
<select data-path="/api/v1/sink/${endpoint}" data-name="behaviour">${SinkBehaviour.options.map(
  (name) => html`<option value="${name}"${name === now && html` selected`}>${meanings[name]}</option>`,
)}</select></label></p>`;

const table = (deliveries: readonly SinkDelivery[]): Html => html`<table class="stacked">
<thead><tr><th>Time</th><th>Endpoint</th><th>Signature</th><th>Body</th></tr></thead>
<tbody>${deliveries.map(
  ({
    at,
    endpoint,
    webhookId,
    body,
  }) => html`<tr><td>${time(at)}</td><td>${endpoint}</td><td>${badge("pass")}</td>
<td><details><summary>${webhookId}</summary><pre tabindex="0">${JSON.stringify(body, null, 2)}</pre></details></td></tr>`,
)}</tbody></table>`;
