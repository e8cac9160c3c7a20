import * as z from "zod";
import { quarantineKey } from "../mail/keys.ts";
import { ValidatedMessage } from "../mail/messages.ts";
import type { ObjectStore } from "../mail/ports.ts";
import type { RoutedAside } from "./route.ts";

/** The object under `quarantine/`: what is held, for whom and why. */
export const QuarantineRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  receivedAt: z.iso.datetime(),
  recipients: z.array(z.object({ address: z.string(), route: z.string().nullable(), reason: z.string() })),
  message: ValidatedMessage,
});
export type QuarantineRecord = z.infer<typeof QuarantineRecord>;

/**
 * Adds to the message's record, so that a second run writes the same again, and one for other recipients (a dead
 * letter that came back) loses nothing.
 */
export async function storeQuarantine(
  { version, id, receivedAt, ...rest }: ValidatedMessage,
  quarantines: readonly RoutedAside[],
  store: Pick<ObjectStore, "get" | "put">,
): Promise<void> {
  const key = quarantineKey(id);
  const held = quarantines.flatMap(({ route, reason, recipients }) =>
    recipients.map((address) => ({ address, route, reason })),
  );
  const heldNow = new Set(held.map(({ address }) => address));
  const earlier = (await readRecord(key, store)).filter(({ address }) => !heldNow.has(address));
  const record: QuarantineRecord = {
    version,
    id,
    receivedAt,
    recipients: [...earlier, ...held],
    message: { version, id, receivedAt, ...rest },
  };
  await store.put(key, [Buffer.from(JSON.stringify(record))], { contentType: "application/json" });
}

async function readRecord(key: string, store: Pick<ObjectStore, "get">) {
  const object = await store.get(key);
  if (object === null) return [];
  const text = Buffer.concat(await Array.fromAsync(object.body)).toString();
  return QuarantineRecord.parse(JSON.parse(text)).recipients;
}
