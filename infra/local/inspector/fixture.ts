/** A message's webhook, to be used again: as a test's fixture, or on the command line. */
import { createPayload } from "../../../functions/deliver/payload.ts";
import { route } from "../../../functions/route/route.ts";
import type { NumberedEntry } from "./index-tables.ts";
import type { Inspector } from "./inspector.ts";
import { asValidated, readMessage } from "./read-message.ts";

export interface Fixture {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The webhook that was sent; where none was, the one that would be now; null where no route leads to an endpoint. */
export async function readFixture(
  { id, deliveries }: NumberedEntry,
  inspector: Inspector,
): Promise<Fixture | null> {
  for (const { webhookId } of deliveries) {
    const sent = webhookId === null ? null : inspector.evidence.webhook(webhookId);
    if (sent !== null && sent.body !== null) return { headers: sent.headers, body: sent.body };
  }
  const message = id === null ? null : await readMessage(id, inspector);
  if (message === null) return null;
  const [routed] = route(asValidated(message), inspector.config.current()).deliveries;
  if (routed === undefined) return null;
  const body = JSON.stringify(await createPayload(routed, inspector));
  return { headers: { "content-type": "application/json" }, body };
}

/** For a shell: where to is up to who pastes it. */
export function toCurl({ headers, body }: Fixture): string {
  const fields = Object.entries(headers).map(([name, value]) => `  -H ${quote(`${name}: ${value}`)} \\\n`);
  return `curl -X POST "\${URL:-http://127.0.0.1:3000/}" \\\n${fields.join("")}  --data-binary ${quote(body)}\n`;
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
