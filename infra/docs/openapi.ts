/** Writes docs/openapi.json: the webhook as OpenAPI 3.1 describes one. */
import { readFile, writeFile } from "node:fs/promises";
import * as z from "zod";
import { webhookTimeoutMs } from "../../functions/deliver/webhook-request.ts";
import { webhookJsonSchema } from "./webhook.ts";

export const openApiPath = "docs/openapi.json";

const Package = z.object({ version: z.string(), license: z.string() });

const header = (name: string, description: string) => ({
  name,
  in: "header",
  required: true,
  description,
  schema: { type: "string" },
});

const post = {
  operationId: "mailReceived",
  summary: "A mail has come",
  parameters: [
    header("webhook-id", "The same for every attempt at a delivery: what has it was here before."),
    header("webhook-timestamp", "When this attempt was made, in seconds since 1970."),
    header(
      "webhook-signature",
      "`v1,<base64>` of Standard Webhooks; two, with a space between, while rotating.",
    ),
  ],
  requestBody: {
    required: true,
    content: { "application/json": { schema: { $ref: "#/components/schemas/MailReceived" } } },
  },
  responses: {
    "2XX": { description: `Delivered, when it comes within ${webhookTimeoutMs / 1000} s.` },
    "410": { description: "No further attempt: the delivery becomes a dead letter." },
    "429": { description: "Tried again when `Retry-After` says, and never sooner than the schedule does." },
    "503": { description: "As 429." },
    default: { description: "Tried again for about 66 hours, then a dead letter." },
  },
};

export async function openApiText(): Promise<string> {
  const { version, license } = Package.parse(JSON.parse(await readFile("package.json", "utf8")));
  const { $schema: _, $defs = {}, ...MailReceived } = webhookJsonSchema();
  const document = {
    openapi: "3.1.0",
    info: { title: "Mailchute webhooks", version, license: { name: license, identifier: license } },
    webhooks: { "mail.received": { post } },
    components: { schemas: { MailReceived, ...$defs } },
  };
  return `${JSON.stringify(document, null, 2).replaceAll('"#/$defs/', '"#/components/schemas/')}\n`;
}

if (import.meta.main) await writeFile(openApiPath, await openApiText());
