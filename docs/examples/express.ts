/** A receiver on Express. The signature is under the bytes as they came, so the body must not be parsed before. */
import express, { type NextFunction, type Request, type Response } from "express";
import { verify, WebhookError } from "mailchute/webhook";

/** Deliveries that were taken, by `webhook-id`; yours is a unique column of a table. */
const taken = new Set<string>();

export const app = express();

// Text and HTML are up to 256 KB each in a webhook, and headers too; JSON escapes make them longer.
app.post(
  "/hooks/mail",
  express.raw({ type: "application/json", limit: "8mb" }),
  async (request, response) => {
    const mail = await verify(request.body, request.headers, process.env["WEBHOOK_SECRET"] ?? "");
    const id = request.get("webhook-id") ?? "";
    if (taken.has(id)) return response.json({ repeated: true });
    taken.add(id);
    const { auth, message, recipients } = mail.data;
    const ticket = recipients[0]?.captures["ticket"] ?? null;
    // Anyone can write any From: only a verified one may do what its owner may do.
    return response.json({ ticket, subject: message.subject, isVerified: auth.senderVerified });
  },
);

app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  if (error instanceof WebhookError) response.status(401).send(error.message);
  else response.status(500).send("try again");
});
