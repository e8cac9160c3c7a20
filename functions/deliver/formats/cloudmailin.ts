/** CloudMailin's "JSON normalized": https://docs.cloudmailin.com/http_post_formats/json_normalized/ */
import {
  attachmentsOf,
  bareContentId,
  type ForeignBody,
  type ForeignMail,
  jsonBody,
  recipientsOf,
} from "./foreign-mail.ts";

export function encodeCloudMailin(mail: ForeignMail): ForeignBody {
  const { envelope, message, auth, reply } = mail.routed.message;
  const recipients = recipientsOf(mail);
  return jsonBody(
    {
      headers: normalizedHeaders(message.headers),
      envelope: {
        to: recipients[0] ?? "",
        recipients,
        from: envelope.mailFrom ?? "",
        helo_domain: envelope.helo,
        remote_ip: envelope.remoteIp,
        spf: { result: auth.spf.result, domain: auth.spf.domain ?? "" },
        tls: envelope.tls !== null,
      },
      plain: mail.text ?? "",
      html: mail.html ?? "",
      reply_plain: reply?.text ?? "",
    },
    { list: "attachments", content: "content" },
    attachmentsOf(mail).map((attachment) => ({
      attachment,
      fields: {
        file_name: attachment.filename,
        content_type: attachment.contentType,
        size: attachment.sizeBytes,
        disposition: attachment.disposition,
        ...(attachment.contentId === null ? {} : { content_id: bareContentId(attachment.contentId) }),
      },
    })),
  );
}

/** `Message-ID` is `message_id`; a field that stands several times is a list. */
function normalizedHeaders(headers: readonly (readonly [string, string])[]) {
  const values = Map.groupBy(headers, ([name]) => name.toLowerCase().replaceAll("-", "_"));
  return Object.fromEntries(
    [...values].map(([name, fields]) => {
      const [first, ...others] = fields.map(([, value]) => value);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}
