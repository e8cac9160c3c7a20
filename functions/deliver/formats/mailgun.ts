/** Mailgun's routes, `forward()`: https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http */
import { createHash, createHmac } from "node:crypto";
import {
  attachmentsOf,
  type ForeignBody,
  type ForeignMail,
  formatAddresses,
  recipientsOf,
} from "./foreign-mail.ts";
import { multipartBody } from "./multipart.ts";

/** A form where nothing is attached, and multipart where something is, as there. */
export function encodeMailgun(mail: ForeignMail): ForeignBody {
  const { envelope, message, reply } = mail.routed.message;
  const files = attachmentsOf(mail).map((attachment, index) => ({
    name: `attachment-${index + 1}`,
    attachment,
  }));
  const contentIds = files.flatMap(({ name, attachment: { contentId } }) =>
    contentId === null ? [] : [[`<${contentId.replace(/^<(.*)>$/s, "$1")}>`, name]],
  );
  const fields: (readonly [string, string])[] = [
    ["recipient", recipientsOf(mail).join(",")],
    ["sender", envelope.mailFrom ?? ""],
    ["from", formatAddresses(message.from)],
    ["subject", message.subject ?? ""],
    ["body-plain", mail.text ?? ""],
    ...(mail.html === null
      ? []
      : ([
          ["body-html", mail.html],
          ["stripped-html", mail.html],
        ] as const)),
    ["stripped-text", reply?.text ?? mail.text ?? ""],
    ["stripped-signature", reply?.signature ?? ""],
    ["message-headers", JSON.stringify(message.headers)],
    ...message.headers.map(([name, value]) => [titleCase(name), value] as const),
    ...(files.length === 0 ? [] : [["attachment-count", String(files.length)] as const]),
    ...(contentIds.length === 0
      ? []
      : [["content-id-map", JSON.stringify(Object.fromEntries(contentIds))] as const]),
    ...signatureOf(mail),
  ];
  if (files.length > 0) return multipartBody(fields, files, mail);
  const form = new URLSearchParams();
  for (const [name, value] of fields) form.append(name, value);
  return { contentType: "application/x-www-form-urlencoded", pieces: [form.toString()] };
}

/** `Message-Id` of `Message-ID`. Mailgun's own fields are all in lower case, so no header can pass for one. */
const titleCase = (name: string) =>
  name.toLowerCase().replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());

/** As Mailgun signs; the endpoint's secret, with its `whsec_`, stands for the signing key. */
function signatureOf({ webhookId, timestampSeconds, secret }: ForeignMail): (readonly [string, string])[] {
  const timestamp = String(timestampSeconds);
  const token = createHash("sha256").update(`${webhookId}.${timestamp}`).digest("hex").slice(0, 50);
  const signature = createHmac("sha256", secret)
    .update(timestamp + token)
    .digest("hex");
  return [
    ["timestamp", timestamp],
    ["token", token],
    ["signature", signature],
  ];
}
