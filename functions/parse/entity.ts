/** What the header of one MIME entity (RFC 2045 §2.4) says about its body, and where it stands in the message. */
export interface Entity {
  readonly parent: Entity | null;
  /** Among its parent's children, from 0. */
  readonly index: number;
  /** How many entities it stands in. */
  readonly depth: number;
  readonly children: Entity[];
  /** Lower case; `text/plain` where there is none. */
  readonly contentType: string;
  readonly charset: string | null;
  /** Lower case. */
  readonly disposition: string | null;
  /** As sent: not safe to use as a name. */
  readonly filename: string | null;
  /** Without angle brackets. */
  readonly contentId: string | null;
  /** Lower case; empty where there is none. */
  readonly transferEncoding: string;
  /** RFC 3676. */
  readonly isFlowed: boolean;
  readonly deletesSpaces: boolean;
}

export const isMultipart = ({ contentType }: Entity) => contentType.startsWith("multipart/");

/** Whether its body must be decoded (RFC 2045 §6) before it is read. */
export const isEncoded = ({ transferEncoding }: Entity) =>
  transferEncoding === "base64" || transferEncoding === "quoted-printable";

const plainEncodings = ["", "7bit", "8bit", "binary"];

/** A body whose encoding is not known is taken as it stands. */
export const isEncodingKnown = (entity: Entity) =>
  isEncoded(entity) || plainEncodings.includes(entity.transferEncoding);

const bodyTypes = ["text/plain", "text/html"];

/**
 * A part of the text that a reader sees, rather than an attachment (RFC 8621 §4.1.4): text that is not said to be
 * attached, and behind the first part neither a file by its name nor belonging to a `multipart/related`.
 */
export function isBody({ contentType, disposition, filename, index, parent }: Entity): boolean {
  if (!bodyTypes.includes(contentType) || disposition === "attachment") return false;
  return index === 0 || (parent?.contentType !== "multipart/related" && filename === null);
}
