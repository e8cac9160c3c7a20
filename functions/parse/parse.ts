import { createHash } from "node:crypto";
import { decodeEnvelopeBlock, envelopeBytesMetadata } from "../mail/envelope-block.ts";
import { PermanentError } from "../mail/errors.ts";
import { bodyKey, idOfRawKey } from "../mail/keys.ts";
import { limits } from "../mail/limits.ts";
import type { Attachment, ParsedMessage } from "../mail/messages.ts";
import type { ObjectStore, StoredObject } from "../mail/ports.ts";
import { storeAttachment } from "./attachments.ts";
import { type Bodies, BodyCollector, cutText } from "./bodies.ts";
import { ByteReader } from "./byte-reader.ts";
import { readHeader } from "./content.ts";
import { isBody } from "./entity.ts";
import { HeaderGuard } from "./guard.ts";
import { type HeaderFields, parseHeaderFields } from "./header-fields.ts";
import { judgeKind } from "./kind.ts";
import { MimeReader } from "./mime.ts";
import { parseThread } from "./threads.ts";
import { type Warn, Warnings } from "./warnings.ts";

export interface ParseDeps {
  readonly store: ObjectStore;
}
