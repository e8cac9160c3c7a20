/** What queues and buses get: the payload, or where it lies when they cannot hold it. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { claimCheckKey } from "../mail/keys.ts";
import { limits } from "../mail/limits.ts";
import type { Clock, ObjectStore, ObjectUrls } from "../mail/ports.ts";
import { MailReceived, urlLifetimeMs } from "./payload.ts";

/** In place of a payload that is too large: anyone with the URL can read it, until it expires. */
export const MailClaim = MailReceived.pick({ type: true, timestamp: true }).extend({
  claimCheck: z.object({
    url: z.string(),
    urlExpiresAt: z.iso.datetime(),
    sizeBytes: z.number().int(),
    bucket: z.string(),
    key: z.string(),
  }),
});
export type MailClaim = z.infer<typeof MailClaim>;

export interface ClaimDeps {
  readonly store: Pick<ObjectStore, "put" | "bucket">;
  readonly urls: ObjectUrls;
  readonly now: Clock;
}

/** The payload itself up to the limit; above it a claim on the object that has it, as JSON. */
export async function claimWhereLarge(
  payload: MailReceived,
  { store, urls, now }: ClaimDeps,
): Promise<MailReceived | MailClaim> {
  const body = Buffer.from(JSON.stringify(payload));
  if (body.length <= limits.queueBodyInlineMaxBytes) return payload;
  const { type, timestamp } = payload;
  const key = claimCheckKey(createHash("sha256").update(body).digest("hex"));
  await store.put(key, [body], { contentType: "application/json" });
  const expiresAtMs = now() + urlLifetimeMs;
  const url = await urls.sign(key, expiresAtMs);
  const urlExpiresAt = new Date(expiresAtMs).toISOString();
  return {
    type,
    timestamp,
    claimCheck: { url, urlExpiresAt, sizeBytes: body.length, bucket: store.bucket, key },
  };
}
