/** The API's answers to "why does this mail go where it goes", for a stored message and for a file alike. */
import { randomBytes } from "node:crypto";
import * as z from "zod";
import { type Config, ConfigError, parseConfig } from "../../../../functions/mail/config.ts";
import { configWarnings } from "../../../../functions/mail/config-warnings.ts";
import { encodeEnvelopeBlock, envelopeBytesMetadata } from "../../../../functions/mail/envelope-block.ts";
import { explain } from "../../../../functions/mail/explain.ts";
import { createId } from "../../../../functions/mail/id.ts";
import { rawKey } from "../../../../functions/mail/keys.ts";
import type { Envelope, ValidatedMessage } from "../../../../functions/mail/messages.ts";
import type { ObjectStore, StoredObject } from "../../../../functions/mail/ports.ts";
import { parse } from "../../../../functions/parse/parse.ts";
import { validate } from "../../../../functions/validate/validate.ts";
import type { Inspector } from "../../inspector/inspector.ts";
import { asValidated, readMessage } from "../../inspector/read-message.ts";
import { json, problem } from "../answer.ts";
import { bytesBody, noQuery, type Operation, operation } from "../operation.ts";
import { Explanations } from "./schemas.ts";

const Transaction = z.object({
  to: z.string().describe("Recipients, with a comma between"),
  from: z.string().optional().describe("The reverse-path; left out for <>"),
  remoteIp: z.union([z.ipv4(), z.ipv6()]).default("127.0.0.1"),
});
type Transaction = z.infer<typeof Transaction>;

/** A config as a person wrote it, or what is wrong with it. */
export function readConfig(
  given: unknown,
): { readonly config: Config } | { readonly problems: readonly string[] } {
  try {
    return { config: parseConfig(given) };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

export function explainOperations(inspector: Inspector): readonly Operation[] {
  return [
    operation({
      method: "POST",
      path: "/api/v1/messages/{id}/explain",
      summary: "Every route and condition for a stored message, by the config given or the one in force",
      query: noQuery,
      body: z.object({ config: z.unknown().optional() }),
      result: Explanations,
      handle: async ({ params, body }) => {
        const message = await readMessage(params["id"] ?? "", inspector);
        if (message === null) return problem(404, "there is no such message");
        const read =
          body.config === undefined ? { config: inspector.config.source() } : readConfig(body.config);
        if ("problems" in read) return problem(400, read.problems.join("\n"));
        return json({ explanations: explain(asValidated(message), read.config) });
      },
    }),
    operation({
      method: "POST",
      path: "/api/v1/explain",
      summary: "Every route and condition for a mail that was never sent",
      query: Transaction,
      body: bytesBody,
      result: Explanations,
      handle: async ({ query, body }) => {
        const message = await readMail(body, envelopeOf(query), inspector);
        return json({ explanations: explain(message, inspector.config.source()) });
      },
    }),
    operation({
      method: "POST",
      path: "/api/v1/config/check",
      summary: "What is wrong with a config, and what is odd about it",
      query: noQuery,
      body: z.object({ config: z.unknown() }),
      result: z.object({ problems: z.array(z.string()), warnings: z.array(z.string()) }),
      handle: ({ body }) => {
        const read = readConfig(body.config);
        return json(
          "problems" in read
            ? { problems: read.problems, warnings: [] }
            : { problems: [], warnings: configWarnings(read.config) },
        );
      },
    }),
  ];
}

/** What an SMTP transaction would have said. */
const envelopeOf = ({ to, from, remoteIp }: Transaction): Envelope => ({
  mailFrom: from ?? null,
  rcptTo: to
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== ""),
  helo: "localhost",
  remoteIp,
  remotePort: 0,
  remoteName: null,
  blockLists: [],
  tls: null,
  smtpUtf8: false,
  bodyType: "8BITMIME",
  auth: null,
  bareNewlines: false,
  longLines: false,
  requireTls: false,
  dsn: null,
});

const dnsBudgetMs = 5_000;

/** Takes a mail through the stages parse and validate, in memory. */
async function readMail(
  data: Uint8Array,
  envelope: Envelope,
  inspector: Inspector,
): Promise<ValidatedMessage> {
  const { now, resolve } = inspector;
  const config = inspector.config.source();
  const { hostname } = config;
  const id = createId(now(), randomBytes);
  const receivedAt = new Date(now()).toISOString();
  const block = encodeEnvelopeBlock({ id, receivedAt, hostname, greeting: "EHLO", envelope });
  const store = holding(Buffer.concat([block, data]), block.length);
  const object = await store.get(rawKey(id));
  if (object === null) throw new Error("the mail is gone");
  const parsed = await parse(rawKey(id), object, { store });
  const validated = await validate(parsed, { store, resolve, config, now, dnsBudgetMs });
  return validated.message;
}

/** A store that holds one object, under any key, and keeps nothing else. */
function holding(bytes: Buffer, envelopeBytes: number): ObjectStore {
  return {
    bucket: "memory",
    put: async () => "stored",
    putStream: async (_key, body) => {
      for await (const _ of body);
    },
    get: async (_key, { start, end } = { start: 0 }): Promise<StoredObject> => ({
      body: one(bytes.subarray(start, end === undefined ? bytes.length : end + 1)),
      sizeBytes: bytes.length,
      contentType: "message/rfc822",
      metadata: { [envelopeBytesMetadata]: String(envelopeBytes) },
    }),
    delete: async () => undefined,
    list: async function* () {},
  };
}

async function* one(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  if (piece.length > 0) yield piece;
}
