import { createHash } from "node:crypto";
import * as z from "zod";
import { PermanentError } from "../mail/errors.ts";
import { claimCheckKey } from "../mail/keys.ts";
import { limits } from "../mail/limits.ts";
import type { ObjectStore } from "../mail/ports.ts";

/**
 * What travels in the queue in place of a large body: where the body lies (the pattern of the SQS extended client), and
 * whose it is, for those who cannot read it.
 */
const ClaimCheck = z.strictObject({
  claimCheck: z.strictObject({ id: z.string().nullable(), key: z.string() }),
});
type ClaimCheck = z.infer<typeof ClaimCheck>;

const claimCheckStart = '{"claimCheck":';

/** The body as it may be sent: itself, or a claim check when it is over the inline limit. */
export async function checkIn(body: string, store: ObjectStore): Promise<string> {
  if (Buffer.byteLength(body) <= limits.queueBodyInlineMaxBytes) return body;
  const key = claimCheckKey(createHash("sha256").update(body).digest("hex"));
  await store.put(key, [Buffer.from(body)], { contentType: "application/json" });
  const claim: ClaimCheck = { claimCheck: { id: messageIdIn(body), key } };
  return JSON.stringify(claim);
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

/** The message id in a queue body, claim check or not, for people; what tells of a new object has it in the object's key. */
export function messageIdIn(body: string): string | null {
  const start = body.slice(0, 2_000);
  return (
    (/^.{0,200}"id":"([0-9a-f-]{36})"/s.exec(start) ??
      /"key":"raw\/..\/([0-9a-f-]{36})\.eml"/.exec(start))?.[1] ?? null
  );
}
