/** A message as the stages saw it: its bytes are parsed again, and the verdicts on it are what they were. */
import { envelopeBytesMetadata } from "../../../functions/mail/envelope-block.ts";
import {
  attachmentKey,
  bodyKey,
  deliveryHistoryKey,
  quarantineKey,
  rawKey,
} from "../../../functions/mail/keys.ts";
import type { Authentication, ParsedMessage, ValidatedMessage } from "../../../functions/mail/messages.ts";
import type { ObjectStore } from "../../../functions/mail/ports.ts";
import { parse } from "../../../functions/parse/parse.ts";
import type { Evidence } from "./evidence.ts";

export interface ReadDeps {
  readonly store: ObjectStore;
  readonly evidence: Pick<Evidence, "verdict">;
}

/** `auth` is null until the message was validated. */
export type ReadMessage = ParsedMessage & { readonly auth: Authentication | null };

/** Null where the store has no such message. */
export async function readMessage(id: string, { store, evidence }: ReadDeps): Promise<ReadMessage | null> {
  const object = await store.get(rawKey(id));
  if (object === null) return null;
  const parsed = await parse(rawKey(id), object, { store: withoutWrites(store) });
  const verdict = evidence.verdict(id);
  return { ...parsed, auth: verdict?.auth ?? null, warnings: verdict?.warnings ?? parsed.warnings };
}

/** What a route sees of a message that nobody has vouched for. */
export const asValidated = (message: ReadMessage): ValidatedMessage => ({
  ...message,
  auth: message.auth ?? {
    spf: { result: "none", domain: null, aligned: false },
    dkim: [],
    dmarc: { result: "none", policy: null, domain: null },
    arc: { result: "none", sealer: null, trusted: false },
    senderVerified: false,
    header: "",
  },
});

/** The DATA, without the envelope block in front. */
export async function openMail(id: string, store: ObjectStore) {
  const object = await store.get(rawKey(id), { start: 0, end: 0 });
  if (object === null) return null;
  for await (const _ of object.body);
  const envelopeBytes = Number(object.metadata[envelopeBytesMetadata]);
  const mail = await store.get(rawKey(id), { start: envelopeBytes });
  return mail && { body: mail.body, sizeBytes: mail.sizeBytes - envelopeBytes };
}

/** Deletes all that the stages stored of a message. */
export async function deleteMessage(id: string, store: ObjectStore): Promise<void> {
  const folders = [attachmentKey(id, 0).slice(0, -1), deliveryHistoryKey(id, "").slice(0, -".json".length)];
  const inFolders = await Promise.all(
    folders.map((folder) => Array.fromAsync(store.list(folder), ({ key }) => key)),
  );
  const keys = [rawKey(id), bodyKey(id), quarantineKey(id), ...inFolders.flat()];
  await Promise.all(keys.map((key) => store.delete(key)));
}

/** Parsing stores what it finds; that has been done. */
const withoutWrites = (store: ObjectStore): ObjectStore => ({
  ...store,
  put: async () => "stored",
  putStream: async (_key, body) => {
    for await (const _ of body);
  },
});
