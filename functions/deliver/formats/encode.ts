import type { WebhookFormat } from "../../mail/config.ts";
import { encodeCloudMailin } from "./cloudmailin.ts";
import type { ForeignBody, ForeignMail } from "./foreign-mail.ts";
import { encodeMailgun } from "./mailgun.ts";
import { encodePostmark } from "./postmark.ts";
import { encodeSendGrid } from "./sendgrid.ts";

export type ForeignFormat = Exclude<WebhookFormat, "mailchute">;

/** A mail as another provider would have posted it, so that a consumer made for that one need not change. */
export const encoders: Readonly<Record<ForeignFormat, (mail: ForeignMail) => ForeignBody>> = {
  postmark: encodePostmark,
  sendgrid: encodeSendGrid,
  mailgun: encodeMailgun,
  cloudmailin: encodeCloudMailin,
};
