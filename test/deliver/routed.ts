import type { RoutedMessage, ValidatedMessage } from "../../functions/mail/messages.ts";
import { id, parsedMessage } from "../validate/mail.ts";

/** A secret of Standard Webhooks' smallest size, made of `fill`. */
export const secretOf = (fill: number) => `whsec_${Buffer.alloc(24, fill).toString("base64")}`;

export function validatedMessage(changes: Partial<ValidatedMessage> = {}): ValidatedMessage {
  return {
    ...parsedMessage(),
    auth: {
      spf: { result: "pass", domain: "sender.example", aligned: true },
      dkim: [],
      dmarc: { result: "pass", policy: "reject", domain: "sender.example" },
      arc: { result: "none", sealer: null, trusted: false },
      senderVerified: true,
      header: "mx.receiver.test; spf=pass; arc=none; dmarc=pass",
    },
    ...changes,
  };
}

export function routedMessage(changes: Partial<RoutedMessage> = {}): RoutedMessage {
  return {
    version: 1,
    id,
    receivedAt: "2026-01-02T03:04:05.678Z",
    endpoint: "helpdesk",
    recipients: [{ address: "reply+42@receiver.test", route: "replies", captures: { ticket: "42" } }],
    replay: null,
    message: validatedMessage(),
    ...changes,
  };
}
