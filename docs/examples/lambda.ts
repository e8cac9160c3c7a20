/** A receiver on Lambda, behind a function URL or an HTTP API. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { verify, WebhookError } from "mailchute/webhook";

/** Deliveries that were taken, by `webhook-id`; yours is a conditional write to a table. */
const taken = new Set<string>();

export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    const body = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
    const mail = await verify(body, event.headers, process.env["WEBHOOK_SECRET"] ?? "");
    const id = event.headers["webhook-id"] ?? "";
    if (taken.has(id)) return json({ repeated: true });
    taken.add(id);
    const { auth, message, recipients } = mail.data;
    const ticket = recipients[0]?.captures["ticket"] ?? null;
    // Anyone can write any From: only a verified one may do what its owner may do.
    return json({ ticket, subject: message.subject, isVerified: auth.senderVerified });
  } catch (error) {
    if (error instanceof WebhookError) return { statusCode: 401, body: error.message };
    throw error;
  }
}

const json = (value: object) => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});
