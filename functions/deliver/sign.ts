/** Standard Webhooks, version 1 (https://www.standardwebhooks.com). */
import { createHmac, type Hmac } from "node:crypto";
import type { RoutedMessage } from "../mail/messages.ts";

/** The `webhook-signature` under each secret, two while rotating; empty where no secret can be used. */
export function sign(secrets: readonly string[], id: string, timestampSeconds: number, body: string): string {
  return join(begin(secrets, id, timestampSeconds).map((hmac) => hmac.update(body)));
}

/** As {@link sign}, of a body that is made while it is sent. */
export async function signStream(
  secrets: readonly string[],
  id: string,
  timestampSeconds: number,
  body: AsyncIterable<Uint8Array>,
): Promise<string> {
  const hmacs = begin(secrets, id, timestampSeconds);
  for await (const chunk of body) for (const hmac of hmacs) hmac.update(chunk);
  return join(hmacs);
}

const begin = (secrets: readonly string[], id: string, timestampSeconds: number) =>
  secrets
    .flatMap((secret) => keyOf(secret) ?? [])
    .map((key) => createHmac("sha256", key).update(`${id}.${timestampSeconds}.`));

const join = (hmacs: readonly Hmac[]) => hmacs.map((hmac) => `v1,${hmac.digest("base64")}`).join(" ");

/** The key in `whsec_<base64>`; null for anything else. */
function keyOf(secret: string): Buffer | null {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  return encoded === undefined ? null : Buffer.from(encoded, "base64");
}

/** Stable over retries, so that a receiver can tell a repeat; a replay is a delivery of its own. */
export function webhookId({
  id,
  endpoint,
  replay,
}: Pick<RoutedMessage, "id" | "endpoint" | "replay">): string {
  const suffix = replay === null ? "" : `_r${Date.parse(replay.at)}`;
  return `msg_${id.replaceAll("-", "")}_${endpoint}${suffix}`;
}
