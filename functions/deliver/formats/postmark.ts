/** Postmark's inbound webhook: https://postmarkapp.com/developer/webhooks/inbound-webhook */
import { parseMailbox } from "../../mail/address-pattern.ts";
import type { Address } from "../../mail/messages.ts";
import {
  attachmentsOf,
  bareContentId,
  type ForeignBody,
  type ForeignMail,
  fieldOf,
  formatAddresses,
  jsonBody,
  recipientsOf,
} from "./foreign-mail.ts";

export function encodePostmark(mail: ForeignMail): ForeignBody {
  const { id, message } = mail.routed.message;
  const [from] = message.from;
  const recipients = recipientsOf(mail);
  const [original = ""] = recipients;
  const named = new Set([...message.to, ...message.cc].map(({ address }) => address.toLowerCase()));
  // Who got the mail and stands in no field: there is no other place to say so.
  const blind = recipients
    .filter((recipient) => !named.has(recipient.toLowerCase()))
    .map((address) => ({ address, name: null, domain: parseMailbox(address).domain }));
  return jsonBody(
    {
      FromName: from?.name ?? "",
      MessageStream: "inbound",
      From: from?.address ?? "",
      FromFull: from === undefined ? { Email: "", Name: "", MailboxHash: "" } : full(from),
      To: formatAddresses(message.to),
      ToFull: message.to.map(full),
      Cc: formatAddresses(message.cc),
      CcFull: message.cc.map(full),
      Bcc: formatAddresses(blind),
      BccFull: blind.map(full),
      OriginalRecipient: original,
      Subject: message.subject ?? "",
      MessageID: id,
      ReplyTo: formatAddresses(message.replyTo),
      MailboxHash: hashOf(original),
      Date: fieldOf(mail, "date") || new Date(mail.routed.receivedAt).toUTCString(),
      TextBody: mail.text ?? "",
      HtmlBody: mail.html ?? "",
      StrippedTextReply: mail.routed.message.reply?.text ?? "",
      Tag: "",
      Headers: message.headers.map(([Name, Value]) => ({ Name, Value })),
    },
    { list: "Attachments", content: "Content" },
    attachmentsOf(mail).map((attachment) => ({
      attachment,
      fields: {
        Name: attachment.filename,
        ContentType: attachment.contentType,
        ContentLength: attachment.sizeBytes,
        ContentID: attachment.contentId === null ? "" : bareContentId(attachment.contentId),
      },
    })),
  );
}

const full = ({ address, name }: Address) => ({
  Email: address,
  Name: name ?? "",
  MailboxHash: hashOf(address),
});

/** `42` of `reply+42@example.com`. */
function hashOf(address: string): string {
  const { localPart } = parseMailbox(address);
  const plus = localPart.indexOf("+");
  return plus < 0 ? "" : localPart.slice(plus + 1);
}
