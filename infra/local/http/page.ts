import * as z from "zod";
import type { SinkDelivery } from "./sink.ts";

/** As much of `mail.received` as a row shows; anything else about a body is not this page's business. */
const Shown = z.object({
  data: z.object({
    id: z.string(),
    envelope: z.object({ mailFrom: z.string().nullable() }),
    recipients: z.array(z.object({ address: z.string(), route: z.string() })),
    message: z.object({ subject: z.string().nullable(), text: z.string().nullable() }),
  }),
});

const excerptLength = 200;

/** The page at `/`: what the built-in sink got, newest first. No script, and all that came by mail is escaped. */
export function renderPage(deliveries: readonly SinkDelivery[]): string {
  const rows = deliveries.map(renderRow).join("\n");
  const empty = `<p>Nothing yet. Send a mail: <code>npx mailchute send --to hello@example.com</code></p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Mailchute</title><meta http-equiv="refresh" content="5"><style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid #8886; padding: .4rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
</style></head><body>
<h1>Mailchute</h1>
<p>Webhooks that arrived at the built-in sink, newest first. As JSON: <a href="/api/v1/deliveries">/api/v1/deliveries</a></p>
${deliveries.length === 0 ? empty : `<table><thead><tr><th>Time<th>Endpoint<th>From<th>To (route)<th>Subject<th>Text</tr></thead><tbody>\n${rows}\n</tbody></table>`}
</body></html>
`;
}

function renderRow({ at, endpoint, body }: SinkDelivery): string {
  const shown = Shown.safeParse(body);
  if (!shown.success)
    return `<tr><td>${escapeHtml(at)}<td>${escapeHtml(endpoint)}<td colspan="4">not a mail.received body</tr>`;
  const { envelope, recipients, message } = shown.data.data;
  const cells = [
    at,
    endpoint,
    envelope.mailFrom ?? "<>",
    recipients.map(({ address, route }) => `${address} (${route})`).join(", "),
    message.subject ?? "",
    (message.text ?? "").slice(0, excerptLength),
  ];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}`).join("")}</tr>`;
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
