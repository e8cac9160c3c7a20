import { createHash } from "node:crypto";
import * as z from "zod";
import { messageIdKey } from "../mail/keys.ts";
import type { ParsedMessage } from "../mail/messages.ts";
import type { ObjectStore } from "../mail/ports.ts";
import { type ValidateWarning, warn } from "./warnings.ts";

/** The object under `message-ids/`: which mail came first. */
const First = z.object({ version: z.literal(1), id: z.string() });

/**
 * A warning where another mail with this Message-ID came before for the same recipients. It costs one PUT for each mail,
 * and a GET for each that is not the first. A Message-ID is the sender's to choose, so this never decides anything.
 */
export async function findDuplicate(
  { id, message, envelope }: ParsedMessage,
  store: Pick<ObjectStore, "get" | "put">,
): Promise<ValidateWarning[]> {
  if (message.messageId === null) return [];
  const recipients = envelope.rcptTo.map((recipient) => recipient.toLowerCase()).sort();
  const identity = JSON.stringify([message.messageId, [...new Set(recipients)]]);
  const key = messageIdKey(createHash("sha256").update(identity).digest("hex"));
  const mine = Buffer.from(JSON.stringify({ version: 1, id } satisfies z.infer<typeof First>));
  const outcome = await store.put(key, [mine], { contentType: "application/json", ifAbsent: true });
  if (outcome === "stored") return [];
  const object = await store.get(key);
  // It may have expired since.
  if (object === null) return [];
  const first = First.parse(JSON.parse(Buffer.concat(await Array.fromAsync(object.body)).toString()));
  return first.id === id ? [] : [warn("duplicate", `the Message-ID came before, with ${first.id}`)];
}
