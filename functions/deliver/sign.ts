/** Standard Webhooks, version 1 (https://www.standardwebhooks.com). */
import { createHmac } from "node:crypto";
import type { RoutedMessage } from "../mail/messages.ts";

/** The `webhook-signature` under each secret, two while rotating; empty where no secret can be used. */
export function sign(secrets: readonly string[], id: string, timestampSeconds: number, body: string): string {
  return secrets
    .flatMap((secret) => keyOf(secret) ?? [])
    .map((key) => createHmac("sha256", key).update(`${id}.${timestampSeconds}.${body}`).digest("base64"))
    .map((signature) => `v1,${signature}`)
    .join(" ");
}

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
