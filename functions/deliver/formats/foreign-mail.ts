/** What the formats of other providers are made of. */
import type { Address, Attachment, RoutedMessage } from "../../mail/messages.ts";
import type { Piece } from "../body.ts";

export interface ForeignMail {
  readonly routed: RoutedMessage;
  /** Whole, however long. */
  readonly text: string | null;
  /** Whole, however long. */
  readonly html: string | null;
  readonly webhookId: string;
  readonly timestampSeconds: number;
  /** The newest one of the endpoint. */
  readonly secret: string;
}

export interface ForeignBody {
  readonly contentType: string;
  readonly pieces: readonly Piece[];
}

/** Those of this delivery, each once. */
export const recipientsOf = ({ routed }: ForeignMail): string[] => [
  ...new Set(routed.recipients.map(({ address }) => address)),
];

/** As a header has them: `Ann <ann@example.org>, "Doe, Jo" <jo@example.org>`. */
export const formatAddresses = (addresses: readonly Address[]) => addresses.map(formatAddress).join(", ");

function formatAddress({ name, address }: Address): string {
  if (name === null || name === "") return address;
  const shown = /^[\p{L}\p{M}\p{N} !#$%&'*+/=?^_`{|}~-]+$/u.test(name)
    ? name
    : `"${name.replaceAll(/["\\]/g, "\\$&")}"`;
  return `${shown} <${address}>`;
}

/** Of the fields of that name the first, as it stands; "" where there is none. */
export function fieldOf({ routed }: ForeignMail, name: string): string {
  const field = routed.message.message.headers.find(([header]) => header.toLowerCase() === name);
  return field?.[1] ?? "";
}

/** `inline@id` of `<inline@id>`. */
export const bareContentId = (contentId: string) => contentId.replace(/^<(.*)>$/s, "$1");

export const attachmentsOf = ({ routed }: ForeignMail): readonly Attachment[] => routed.message.attachments;

interface JsonAttachment {
  readonly attachment: Attachment;
  readonly fields: object;
}

/** JSON of `fields` whose last field is a list: each attachment's fields and then, in base64, its content. */
export function jsonBody(
  fields: object,
  { list, content }: { readonly list: string; readonly content: string },
  attachments: readonly JsonAttachment[],
): ForeignBody {
  const open = (object: object) => JSON.stringify(object).slice(0, -1);
  const items = attachments.flatMap(({ attachment, fields: own }, index): Piece[] => [
    `${index === 0 ? "" : ","}${open(own)},${JSON.stringify(content)}:"`,
    { key: attachment.key, sizeBytes: attachment.sizeBytes, encoding: "base64" },
    '"}',
  ]);
  return {
    contentType: "application/json",
    pieces: [`${open(fields)},${JSON.stringify(list)}:[`, ...items, "]}"],
  };
}
