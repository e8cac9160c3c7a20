import { createHash } from "node:crypto";
import { attachmentKey } from "../mail/keys.ts";
import type { Attachment } from "../mail/messages.ts";
import type { ObjectStore } from "../mail/ports.ts";
import type { Entity } from "./entity.ts";
import { type ExcerptCollector, isTelling } from "./excerpts.ts";
import { attachmentFilename } from "./filename.ts";
import type { Part } from "./mime.ts";

export interface AttachmentDeps {
  readonly store: ObjectStore;
  /** Of the message. */
  readonly id: string;
  /** Among its attachments, from 0: the key, so that parsing again writes the same objects. */
  readonly index: number;
  readonly excerpts: ExcerptCollector;
}

/** Streams an attachment into the store. */
export async function storeAttachment(
  { entity, content }: Part,
  { store, id, index, excerpts }: AttachmentDeps,
): Promise<Attachment> {
  const key = attachmentKey(id, index);
  const watched = isTelling(entity.contentType) ? excerpts.watch(entity.contentType, content) : content;
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const measured = (async function* () {
    for await (const chunk of watched) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  })();
  const contentType = safeContentType(entity.contentType);
  await store.putStream(key, measured, { contentType: inertContentType(contentType) });
  return {
    key,
    filename: attachmentFilename(entity.filename, contentType, index),
    originalFilename: entity.filename?.toWellFormed() ?? null,
    contentType,
    sizeBytes,
    sha256: hash.digest("hex"),
    disposition: dispositionOf(entity),
    contentId: entity.contentId,
  };
}

/** A type that can stand in a header (RFC 6838 §4.2); else bytes. */
function safeContentType(contentType: string): string {
  return /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/.test(contentType)
    ? contentType
    : "application/octet-stream";
}

/** What a browser shows without running it. Whatever serves the object must not turn a stranger's file into a page. */
const inert =
  /^(?:image\/(?:png|jpeg|gif|webp|bmp|tiff|heic|avif)|audio\/.*|video\/.*|text\/(?:plain|csv|calendar)|application\/pdf)$/;

const inertContentType = (contentType: string) =>
  inert.test(contentType) ? contentType : "application/octet-stream";

function dispositionOf({ disposition, contentId, parent }: Entity): Attachment["disposition"] {
  if (disposition !== null) return disposition === "inline" ? "inline" : "attachment";
  return contentId !== null && parent?.contentType === "multipart/related" ? "inline" : "attachment";
}
