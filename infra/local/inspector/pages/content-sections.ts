import { type Html, html } from "../../http/html.ts";
import type { PartOutline } from "../mime-outline.ts";
import type { ReadMessage } from "../read-message.ts";
import { size } from "./layout.ts";

export function contentSection({ id, message }: ReadMessage): Html {
  const { from, to, cc, date, text } = message;
  const people = (addresses: typeof from) =>
    addresses.map(({ name, address }) => (name === null ? address : `${name} <${address}>`)).join(", ");
  const rows = [
    ["From", people(from)],
    ["To", people(to)],
    ["Cc", people(cc)],
    ["Date", date ?? ""],
  ].filter(([, value]) => value !== "");
  return html`<section id="content"><h2>Content</h2>
<dl>${rows.map(([name, value]) => html`<dt>${name ?? ""}</dt><dd>${value ?? ""}</dd>`)}</dl>
${message.html !== null && htmlFrame(id)}
${text === null ? html`<p>No text.</p>` : html`<h3>Text</h3><pre tabindex="0">${text}</pre>`}
${message.bodyTruncated && html`<p><small>Cut: the whole is longer.</small></p>`}</section>`;
}

/** The frame's own policy and the attribute say the same: nothing in it runs. */
const htmlFrame = (id: string): Html => html`<h3>HTML</h3>
<p class="actions"><button data-frame="html-frame" data-src="/messages/${id}/html?remote=yes">Load remote content</button>
<small>Off until asked for: the sender would see that you read it.</small></p>
<iframe id="html-frame" title="The mail's HTML" sandbox="" src="/messages/${id}/html" loading="lazy"></iframe>`;

export function partsSection({ id, attachments, warnings }: ReadMessage, outline: PartOutline | null): Html {
  return html`<section id="parts"><h2>Parts</h2>
${outline !== null && html`<ul>${part(outline)}</ul>`}
${
  attachments.length > 0 &&
  html`<table><thead><tr><th>Attachment</th><th>Type</th><th>Size</th><th>SHA-256</th></tr></thead><tbody>${attachments.map(
    ({ filename, contentType, sizeBytes, sha256, disposition }, n) => html`<tr>
<td><a href="/api/v1/messages/${id}/attachments/${n}" download>${filename}</a></td>
<td>${contentType}${disposition === "inline" && " (inline)"}</td><td>${size(sizeBytes)}</td><td><small>${sha256}</small></td></tr>`,
  )}</tbody></table>`
}
${warnings.length > 0 && html`<h3>Warnings</h3><ul>${warnings.map(({ code, detail }) => html`<li><strong>${code}</strong> ${detail}</li>`)}</ul>`}
</section>`;
}

function part({ contentType, charset, transferEncoding, disposition, sizeBytes, parts }: PartOutline): Html {
  const facts = [charset, transferEncoding, disposition, sizeBytes === null ? null : size(sizeBytes)];
  return html`<li>${contentType} <small>${facts.filter((fact) => fact !== null && fact !== "").join(", ")}</small>${
    parts.length > 0 && html`<ul>${parts.map(part)}</ul>`
  }</li>`;
}

export const headersSection = ({ message }: ReadMessage): Html => html`<section id="headers"><h2>Headers</h2>
<table><tbody>${message.headers.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>
</section>`;

export const rawSection = (raw: string): Html =>
  html`<section id="raw"><h2>Raw</h2><details><summary>As it was sent</summary><pre tabindex="0">${raw}</pre></details></section>`;
