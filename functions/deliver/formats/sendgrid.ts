/** SendGrid's Inbound Parse: https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook */
import {
  attachmentsOf,
  bareContentId,
  type ForeignBody,
  type ForeignMail,
  formatAddresses,
  recipientsOf,
} from "./foreign-mail.ts";
import { multipartBody } from "./multipart.ts";

/** Without `spam_score` and `spam_report`, which only its spam check makes. */
export function encodeSendGrid(mail: ForeignMail): ForeignBody {
  const { envelope, message, auth } = mail.routed.message;
  const files = attachmentsOf(mail).map((attachment, index) => ({
    name: `attachment${index + 1}`,
    attachment,
  }));
  const info = files.map(({ name, attachment: { filename, contentType, contentId } }) => [
    name,
    {
      filename,
      name: filename,
      type: contentType,
      ...(contentId === null ? {} : { "content-id": bareContentId(contentId) }),
    },
  ]);
  const contentIds = files.flatMap(({ name, attachment: { contentId } }) =>
    contentId === null ? [] : [[bareContentId(contentId), name]],
  );
  const dkim = auth.dkim.map(({ domain, result }) => `@${domain} : ${result}`).join(", ");
  const texts: (readonly [string, string | null])[] = [
    ["to", formatAddresses(message.to)],
    ["cc", message.cc.length === 0 ? null : formatAddresses(message.cc)],
    ["from", formatAddresses(message.from)],
    ["subject", message.subject ?? ""],
    ["text", mail.text],
    ["html", mail.html],
  ];
  const present = texts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return multipartBody(
    [
      ["headers", message.headers.map(([name, value]) => `${name}: ${value}\n`).join("")],
      ["dkim", dkim === "" ? "none" : `{${dkim}}`],
      ...present,
      ["sender_ip", envelope.remoteIp],
      ["SPF", auth.spf.result],
      ["envelope", JSON.stringify({ to: recipientsOf(mail), from: envelope.mailFrom ?? "" })],
      ["charsets", JSON.stringify(Object.fromEntries(present.map(([name]) => [name, "UTF-8"])))],
      ["attachments", String(files.length)],
      ...(files.length === 0 ? [] : [["attachment-info", JSON.stringify(Object.fromEntries(info))] as const]),
      ...(contentIds.length === 0
        ? []
        : [["content-ids", JSON.stringify(Object.fromEntries(contentIds))] as const]),
    ],
    files,
    mail,
  );
}
