import type { Kind } from "../mail/kind.ts";
import { judgeAutomatic } from "./automatic.ts";
import { judgeBounce } from "./bounce.ts";
import { judgeCalendar } from "./calendar.ts";
import type { Excerpt } from "./excerpts.ts";
import type { HeaderContent } from "./header.ts";
import type { HeaderFields } from "./header-fields.ts";
import { judgeFeedback, judgeReceipt } from "./notices.ts";

export interface KindSource {
  /** Of the envelope; null is `<>`. */
  readonly mailFrom: string | null;
  readonly fields: HeaderFields;
  readonly header: HeaderContent;
  /** Of the message itself. */
  readonly contentType: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly text: string | null;
  readonly excerpts: readonly Excerpt[];
}

/** What sort of mail it is, by all that it says of itself. */
export function judgeKind(source: KindSource): Kind {
  return {
    automatic: judgeAutomatic(source),
    bounce: judgeBounce(source),
    feedback: judgeFeedback(source),
    receipt: judgeReceipt(source),
    list: judgeList(source.fields),
    calendar: judgeCalendar(source.excerpts),
    encrypted: judgeEncrypted(source),
    signed: judgeSigned(source),
  };
}

/** RFC 2919 and 2369; one click is RFC 8058, which asks for an https address. */
function judgeList(fields: HeaderFields): Kind["list"] {
  const listId = fields.first("list-id")?.value ?? null;
  const unsubscribe = bracketed(fields.first("list-unsubscribe")?.value ?? "");
  if (listId === null && unsubscribe.length === 0) return null;
  const post = fields.first("list-unsubscribe-post")?.value.replace(/\s/g, "").toLowerCase();
  const oneClick = post === "list-unsubscribe=one-click" && unsubscribe.some((url) => /^https:/i.test(url));
  return { id: bracketed(listId ?? "").at(-1) ?? listId, unsubscribe, oneClick };
}

const bracketed = (value: string): string[] =>
  value.match(/<[^<>]+>/g)?.map((item) => item.slice(1, -1).replace(/\s/g, "")) ?? [];

function judgeEncrypted({ contentType, parameters }: KindSource): Kind["encrypted"] {
  const protocol = parameters.get("protocol")?.toLowerCase();
  if (contentType === "multipart/encrypted") return protocol === "application/pgp-encrypted" ? "pgp" : null;
  return isPkcs7Mime(contentType) && !isSignedData(parameters) ? "smime" : null;
}

function judgeSigned({ contentType, parameters }: KindSource): Kind["signed"] {
  const protocol = parameters.get("protocol")?.toLowerCase() ?? "";
  if (contentType !== "multipart/signed") {
    return isPkcs7Mime(contentType) && isSignedData(parameters) ? "smime" : null;
  }
  if (protocol === "application/pgp-signature") return "pgp";
  return /^application\/(?:x-)?pkcs7-signature$/.test(protocol) ? "smime" : null;
}

const isPkcs7Mime = (contentType: string) => /^application\/(?:x-)?pkcs7-mime$/.test(contentType);

/** RFC 8551 §3.2.2; without the parameter the data is enveloped. */
const isSignedData = (parameters: KindSource["parameters"]) =>
  parameters.get("smime-type")?.toLowerCase() === "signed-data";
