/** The API's operations that send a mail, by SMTP as anyone would. */
import * as z from "zod";
import { type Mail, type TemplateName, templates } from "../../../cli/templates.ts";
import type { Inspector } from "../../inspector/inspector.ts";
import { json, problem } from "../answer.ts";
import { bytesBody, noQuery, type Operation, operation } from "../operation.ts";

export const templateNames = Object.keys(templates).filter(isTemplate);

function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(templates, name);
}

const Addresses = z
  .union([z.string(), z.array(z.string())])
  .transform((given) =>
    [given]
      .flat()
      .flatMap((list) => list.split(","))
      .map((address) => address.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.string()).min(1, "a recipient is needed").max(100))
  .describe("A list, or with a comma between");

const Compose = z.object({
  template: z.enum(templateNames).default("plain"),
  to: Addresses,
  from: z.string().min(1).default("you@example.org"),
  subject: z.string().optional().describe("In place of the template's"),
  text: z.string().optional().describe("In place of the template's"),
});

const Sent = z.object({
  /** Null where the server refused. */
  id: z.string().nullable(),
  reply: z.string(),
});

export const composeOperations = ({ smtpAddress }: Inspector): readonly Operation[] => [
  operation({
    method: "POST",
    path: "/api/v1/send",
    summary: `Sends a mail by SMTP, of one of the templates ${templateNames.join(", ")}`,
    query: noQuery,
    body: Compose,
    result: Sent,
    handle: async ({ body }) => sendBySmtp(compose(body), smtpAddress()),
  }),
  operation({
    method: "POST",
    path: "/api/v1/send/eml",
    summary: "Sends a mail that is a file, as it is",
    query: z.object({ to: Addresses, from: z.string().default("you@example.org") }),
    body: bytesBody,
    result: Sent,
    handle: async ({ query, body }) =>
      sendBySmtp(
        { mailFrom: query.from, rcptTo: query.to, content: { raw: Buffer.from(body) } },
        smtpAddress(),
      ),
  }),
];

/** A template with what was written in place of its own words. */
function compose({ template, to, from, subject, text }: z.output<typeof Compose>): Mail {
  const mail: Mail = templates[template]({ from, to });
  if ("raw" in mail.content) return mail;
  const own = { ...(subject ? { subject } : {}), ...(text ? { text } : {}) };
  return { ...mail, content: { ...mail.content, ...own } };
}

async function sendBySmtp(mail: Mail, server: string) {
  // A mail client is a large thing to load for a program that may never send.
  const { send } = await import("../../../cli/send.ts");
  const { lastReply, refused } = await send(mail, { server, count: 1, connections: 1 });
  if (lastReply === null) return problem(409, refused[0] ?? "refused");
  return json({ id: /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(lastReply)?.[0] ?? null, reply: lastReply });
}
