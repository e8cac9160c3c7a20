/** multipart/form-data (RFC 7578), as browsers write it. */
import { createHash } from "node:crypto";
import type { Attachment } from "../../mail/messages.ts";
import type { Piece } from "../body.ts";
import type { ForeignBody, ForeignMail } from "./foreign-mail.ts";

export interface File {
  readonly name: string;
  readonly attachment: Attachment;
}

/** Fields and then files, in their order. */
export function multipartBody(
  fields: readonly (readonly [name: string, value: string])[],
  files: readonly File[],
  { webhookId, secret }: ForeignMail,
): ForeignBody {
  // Nothing in the mail can hold it: it hangs on a secret, and on an id that is given after the mail has come.
  const boundary = `mailchute-${createHash("sha256").update(`${webhookId} ${secret}`).digest("hex")}`;
  const pieces = [
    ...fields.map(
      ([name, value]): Piece =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${escapeName(name)}"\r\n\r\n${value}\r\n`,
    ),
    ...files.flatMap(({ name, attachment }): Piece[] => [
      `--${boundary}\r\ncontent-disposition: form-data; name="${escapeName(name)}"; ` +
        `filename="${escapeName(attachment.filename)}"\r\ncontent-type: ${typeOf(attachment)}\r\n\r\n`,
      { key: attachment.key, sizeBytes: attachment.sizeBytes, encoding: "binary" },
      "\r\n",
    ]),
    `--${boundary}--\r\n`,
  ];
  return { contentType: `multipart/form-data; boundary=${boundary}`, pieces };
}

/** As the HTML standard has it ("multipart/form-data encoding algorithm"). */
const escapeName = (name: string) =>
  name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");

/** What a mail declares goes into a header here only where it is a plain type. */
const typeOf = ({ contentType }: Attachment) =>
  /^[\w.+-]+\/[\w.+-]+$/.test(contentType) ? contentType : "application/octet-stream";
