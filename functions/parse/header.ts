import type { MessageContent } from "../mail/messages.ts";
import { parseAddresses } from "./addresses.ts";
import { parseDate } from "./date.ts";
import type { HeaderFields } from "./header-fields.ts";
import { parseMessageIds } from "./threads.ts";
import type { Warn } from "./warnings.ts";

export type HeaderContent = Omit<MessageContent, "text" | "html" | "bodyTruncated">;

/** Fields that may stand once (RFC 5322 §3.6); programs differ in which of several they show. */
const onceOnly = [
  "date",
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "message-id",
  "in-reply-to",
  "references",
  "subject",
];

/** What the header says of a message. Of a field that stands several times the first counts, as mail programs show it. */
export function readHeader(fields: HeaderFields, warn: Warn): HeaderContent {
  for (const name of onceOnly) {
    const { length } = fields.list(name);
    if (length > 1) warn("field-repeated", `${name}: ${length} times`);
  }
  const addresses = (name: string) => parseAddresses(fields.first(name)?.raw ?? "", warn);
  // The recipients are all who are named: a second To hides nobody.
  const recipients = (name: string) => fields.list(name).flatMap(({ raw }) => parseAddresses(raw, warn));
  const from = addresses("from");
  if (from.length === 0) warn("from-missing", fields.first("from")?.value ?? "no From field");
  return {
    messageId: parseMessageIds(fields.first("message-id")?.raw ?? "")[0] ?? null,
    date: readDate(fields, warn),
    subject: fields.first("subject")?.value ?? null,
    from,
    sender: addresses("sender")[0] ?? null,
    replyTo: addresses("reply-to"),
    to: recipients("to"),
    cc: recipients("cc"),
    headers: fields.all.map(({ name, value }) => [name, value]),
  };
}

function readDate(fields: HeaderFields, warn: Warn): string | null {
  const field = fields.first("date");
  if (field === null) return null;
  const date = parseDate(field.raw);
  if (date === null) warn("date-unreadable", field.value);
  return date;
}
