/** A receiver on Hono, which runs on Node, Bun, Deno and workers alike. */
import { Hono } from "hono";
import { verify, WebhookError } from "mailchute/webhook";

/** Deliveries that were taken, by `webhook-id`; yours is a unique column of a table. */
const taken = new Set<string>();

export const app = new Hono();

app.post("/hooks/mail", async (context) => {
  const { headers } = context.req.raw;
  const mail = await verify(await context.req.text(), headers, process.env["WEBHOOK_SECRET"] ?? "");
  const id = headers.get("webhook-id") ?? "";
  if (taken.has(id)) return context.json({ repeated: true });
  taken.add(id);
  const { auth, message, recipients } = mail.data;
  const ticket = recipients[0]?.captures["ticket"] ?? null;
  // Anyone can write any From: only a verified one may do what its owner may do.
  return context.json({ ticket, subject: message.subject, isVerified: auth.senderVerified });
});

app.onError((error, context) =>
  error instanceof WebhookError ? context.text(error.message, 401) : context.text("try again", 500),
);
