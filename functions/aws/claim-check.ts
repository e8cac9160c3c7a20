import { createHash } from "node:crypto";
import * as z from "zod";
import { PermanentError } from "../mail/errors.ts";
import { claimCheckKey } from "../mail/keys.ts";
import { limits } from "../mail/limits.ts";
import type { ObjectStore } from "../mail/ports.ts";

/** What travels in the queue in place of a large body: where the body lies (the pattern of the SQS extended client). */
const ClaimCheck = z.strictObject({ claimCheck: z.strictObject({ key: z.string() }) });

const claimCheckStart = '{"claimCheck":';

/** The body as it may be sent: itself, or a claim check when it is over the inline limit. */
export async function checkIn(body: string, store: ObjectStore): Promise<string> {
  if (Buffer.byteLength(body) <= limits.queueBodyInlineMaxBytes) return body;
  const key = claimCheckKey(createHash("sha256").update(body).digest("hex"));
  await store.put(key, [Buffer.from(body)], { contentType: "application/json" });
  return JSON.stringify({ claimCheck: { key } });
}

/** The body that {@link checkIn} was given. */
export async function checkOut(body: string, store: ObjectStore): Promise<string> {
  if (!body.startsWith(claimCheckStart)) return body;
  const key = keyIn(body);
  const object = await store.get(key);
  if (object === null) throw new PermanentError(`claim check ${key}: no such object`);
  return Buffer.concat(await Array.fromAsync(object.body)).toString();
}

function keyIn(body: string): string {
  try {
    return ClaimCheck.parse(JSON.parse(body)).claimCheck.key;
  } catch (cause) {
    throw new PermanentError("claim check: not readable", { cause });
  }
}
