/** What came of each attempt at a delivery that did not succeed at once: an object beside the dead letter. */
import * as z from "zod";
import { deliveryHistoryKey } from "../mail/keys.ts";
import { DeliveryReceipt } from "../mail/messages.ts";
import type { ObjectStore } from "../mail/ports.ts";
import type { Delivered } from "./deliver.ts";

const Attempt = DeliveryReceipt.pick({
  attempt: true,
  outcome: true,
  status: true,
  durationMs: true,
  reason: true,
}).extend({
  at: z.iso.datetime(),
  /** A host, or an ARN; null where there was no such endpoint. */
  destination: z.string().nullable(),
  /** The first of what the receiver answered; null where nothing came. */
  answer: z.string().nullable(),
});

export const DeliveryHistory = z.object({
  version: z.literal(1),
  id: z.string(),
  receivedAt: z.iso.datetime(),
  endpoint: z.string(),
  webhookId: z.string(),
  /** Oldest first; after a redrive `attempt` begins at 1 again. */
  attempts: z.array(Attempt),
});
export type DeliveryHistory = z.infer<typeof DeliveryHistory>;

/** A few redrives' worth; older attempts go first. */
export const historyAttemptsMax = 100;

/**
 * Adds an attempt. The first that succeeds writes nothing, so mail that arrives costs nothing here; a later one that
 * succeeds ends the history.
 */
export async function recordAttempt(
  { receipt, destination, answer }: Delivered,
  atMs: number,
  store: Pick<ObjectStore, "get" | "put">,
): Promise<void> {
  const { version, id, receivedAt, endpoint, webhookId, ...attempt } = receipt;
  if (attempt.outcome === "delivered" && attempt.attempt === 1) return;
  const earlier = await readHistory(id, webhookId, store);
  const attempts = [
    ...(earlier?.attempts ?? []),
    { ...attempt, at: new Date(atMs).toISOString(), destination, answer },
  ].slice(-historyAttemptsMax);
  const history = { version, id, receivedAt, endpoint, webhookId, attempts } satisfies DeliveryHistory;
  await store.put(deliveryHistoryKey(id, webhookId), [Buffer.from(JSON.stringify(history))], {
    contentType: "application/json",
  });
}

/** Null where nothing has failed. */
export async function readHistory(
  id: string,
  webhookId: string,
  store: Pick<ObjectStore, "get">,
): Promise<DeliveryHistory | null> {
  const object = await store.get(deliveryHistoryKey(id, webhookId));
  if (object === null) return null;
  return DeliveryHistory.parse(JSON.parse(Buffer.concat(await Array.fromAsync(object.body)).toString()));
}
