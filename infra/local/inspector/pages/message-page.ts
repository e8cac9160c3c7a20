import type { MessageDetail } from "../../http/api/schemas.ts";
import { type Html, html } from "../../http/html.ts";
import type { PartOutline } from "../mime-outline.ts";
import type { ReadMessage } from "../read-message.ts";
import { contentSection, headersSection, partsSection, rawSection } from "./content-sections.ts";
import { explainSection } from "./explain-section.ts";
import { action, badge, copy, layout, size, time } from "./layout.ts";
import { transcriptSection } from "./transcript-section.ts";
import { verdictSection } from "./verdict-section.ts";
import { type ShownDelivery, webhookSection } from "./webhook-section.ts";

export interface MessagePage extends MessageDetail {
  readonly outline: PartOutline | null;
  /** The first of the mail, as it was sent. */
  readonly raw: string;
  readonly deliveries: readonly ShownDelivery[];
  /** The config in force, as JSON. */
  readonly config: string;
  readonly explanation: Html;
}

const sections = [
  ["timeline", "Timeline"],
  ["content", "Content"],
  ["parts", "Parts"],
  ["verdict", "Verdict"],
  ["envelope", "Envelope"],
  ["smtp", "SMTP"],
  ["headers", "Headers"],
  ["route", "Route"],
  ["webhooks", "Webhooks"],
  ["raw", "Raw"],
] as const;

/** A transaction that came to nothing: what was said is all that there is of it. */
export function refusedPage(detail: MessageDetail): Html {
  const { entry, transcript } = detail;
  return layout(
    `Refused: ${entry.mailFrom === null ? "<>" : entry.mailFrom}`,
    "",
    html`
<p>${badge(entry.state)} ${entry.reason ?? ""}</p>
<p>Nothing was stored. ${entry.to !== "" && html`It was for ${entry.to}.`}</p>
${timelineSection(detail)}
${transcriptSection(transcript)}`,
  );
}

export function messagePage(detail: MessagePage): Html {
  const { entry, message } = detail;
  return layout(
    entry.subject ?? "(no subject)",
    "",
    html`
<div id="state" data-live="${entry.id}">
<p>${badge(entry.state)} ${entry.reason ?? ""}</p>
<div class="actions">${actions(detail)}</div>
</div>
<nav class="pages" aria-label="Sections">${sections.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
<div id="progress" data-live="${entry.id}">${timelineSection(detail)}</div>
${
  message === null
    ? html`<p>The store does not have this message any more.</p>${transcriptSection(detail.transcript)}`
    : messageSections(detail, message)
}
<div id="delivery" data-live="${entry.id}">${webhookSection(detail.deliveries)}</div>
${rawSection(detail.raw)}`,
  );
}

function actions({ entry, message }: MessagePage): Html {
  const path = `/api/v1/messages/${entry.id}`;
  const isWaiting = entry.deliveries.some(({ state }) => state === "retry");
  const gone = message === null;
  return html`
${!gone && action("Replay", "POST", `${path}/replay`, {})}
${isWaiting && action("Retry now", "POST", `${path}/retry`)}
${!gone && copy("Copy as fixture", `${path}/fixture`)}
${!gone && copy("Copy as curl", `${path}/curl`)}
${!gone && html`<a href="${path}/raw" download>Download .eml</a>`}`;
}

function timelineSection({ entry, events }: MessageDetail): Html {
  return html`<section id="timeline"><h2>Timeline</h2>
<table class="stacked"><thead><tr><th>Time</th><th>Stage</th><th>Outcome</th><th>Took</th><th>What it saw</th></tr></thead><tbody>${events.map(
    ({ at, stage, outcome, durationMs, detail }) => html`<tr>
<td>${time(at)}</td><td>${stage}</td><td>${badge(outcome)}</td><td>${Math.round(durationMs)}&nbsp;ms</td>
<td><small>${Object.entries(detail)
      .filter(([, value]) => value !== null && value !== "")
      .map(([name, value]) => `${name}=${value}`)
      .join("  ")}</small></td></tr>`,
  )}</tbody></table>
${entry.id !== null && html`<p><small>${entry.id}</small></p>`}</section>`;
}

const messageSections = (detail: MessagePage, message: ReadMessage): Html => html`
${contentSection(message)}
${partsSection(message, detail.outline)}
${verdictSection(message)}
${envelopeSection(message)}
${transcriptSection(detail.transcript)}
${headersSection(message)}
${explainSection(message.id, detail.config, detail.explanation)}`;

function envelopeSection({ envelope, raw, receivedAt }: ReadMessage): Html {
  const { mailFrom, rcptTo, helo, remoteIp, remotePort, tls, bodyType, smtpUtf8, bareNewlines } = envelope;
  const rows = [
    ["MAIL FROM", `<${mailFrom ?? ""}>`],
    ["RCPT TO", rcptTo.map((address) => `<${address}>`).join(", ")],
    ["Client", `${remoteIp} port ${remotePort}, said it is ${helo}`],
    ["TLS", tls === null ? "none" : `${tls.version}, ${tls.cipher}`],
    ["Body", `${bodyType}${smtpUtf8 ? ", SMTPUTF8" : ""}${bareNewlines ? ", with bare CR, LF or NUL" : ""}`],
    ["Received", receivedAt],
    ["Stored", `${size(raw.sizeBytes)} as ${raw.key}`],
  ];
  return html`<section id="envelope"><h2>Envelope</h2>
<dl>${rows.map(([name, value]) => html`<dt>${name ?? ""}</dt><dd>${value ?? ""}</dd>`)}</dl></section>`;
}
