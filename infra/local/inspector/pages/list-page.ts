import { type Content, type Html, html } from "../../http/html.ts";
import { shownRecipients } from "../entry.ts";
import type { NumberedEntry } from "../index-tables.ts";
import { badge, dayAndTime, layout, size } from "./layout.ts";

export interface ListPage {
  readonly query: string;
  /** What is wrong with the query. */
  readonly error: string | null;
  readonly entries: readonly NumberedEntry[];
  readonly isNewest: boolean;
  /** Where the next page begins. */
  readonly next: number | null;
}

export const listPage = (list: ListPage): Html =>
  layout(
    "Messages",
    "/",
    html`
<form class="search" role="search" action="/">
<label for="q">Search</label>
<input id="q" name="q" type="search" value="${list.query}" autocomplete="off" spellcheck="false"
 placeholder="from:ann is:failed has:attachment dmarc:fail invoice">
<button>Search</button>
</form>
<p class="hint">Keys: <kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> open, <kbd>c</kbd> compose.</p>
<div id="list"${list.isNewest && html` data-live=""`}>${listContent(list)}</div>`,
  );

/** What the script fetches again when something changes. */
export function listContent({ query, error, entries, isNewest, next }: ListPage): Html {
  if (error !== null) return html`<p class="problem">${error}</p>`;
  if (entries.length === 0) return empty(query, isNewest);
  const link = (before: number) => `/?${new URLSearchParams({ q: query, before: String(before) })}`;
  return html`<table class="messages">
<thead><tr><th>Time</th><th>State</th><th>From</th><th>To</th><th>Subject</th><th>Size</th><th>Verdict</th></tr></thead>
<tbody>${entries.map(row)}</tbody>
</table>
<nav class="pages" aria-label="Pages">${[
    !isNewest && html`<a href="/?${new URLSearchParams({ q: query }).toString()}">Newest</a>`,
    next !== null && html`<a href="${link(next)}" rel="next">Older</a>`,
  ]}</nav>`;
}

function empty(query: string, isNewest: boolean): Html {
  if (!isNewest) return html`<p>Nothing older.</p>`;
  if (query !== "") return html`<p>Nothing matches.</p>`;
  return html`<p>Nothing yet. <a href="/compose">Compose</a> a mail, or send one:
<code>npx mailchute send --to hello@example.com</code></p>`;
}

function row(entry: NumberedEntry): Html {
  const { id, seq, at, state, stage, mailFrom, from, subject, sizeBytes, reason } = entry;
  const words: Content = subject ?? (state === "refused" ? reason : "(no subject)");
  return html`<tr>
<td>${dayAndTime(at)}</td>
<td>${badge(state)}${(state === "underway" || state === "retrying") && html` <small>${stage}</small>`}</td>
<td>${foldable(from ?? mailFrom ?? "<>")}</td>
<td>${foldable(shownRecipients(entry))}</td>
<td class="subject"><a href="/messages/${id ?? seq}">${words}</a>${
    entry.attachments > 0 && html` <small>${entry.attachments} attached</small>`
  }</td>
<td>${sizeBytes > 0 && size(sizeBytes)}</td>
<td>${entry.verdict !== null && verdictBadge(entry.verdict)}</td>
</tr>`;
}

/** Addresses that may go on in a second line after their @. */
const foldable = (addresses: string): Html =>
  html`${addresses.split("@").map((part, n) => html`${n > 0 && html`@<wbr>`}${part}`)}`;

function verdictBadge({ senderVerified, dmarc }: NonNullable<NumberedEntry["verdict"]>): Html {
  return senderVerified ? badge("verified") : html`<small>DMARC</small> ${badge(dmarc)}`;
}
