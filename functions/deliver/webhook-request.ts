/** One attempt's POST: the body in the endpoint's format, and the signature under it. */
import * as z from "zod";
import type { Endpoint } from "../mail/config.ts";
import { PermanentError } from "../mail/errors.ts";
import type { RoutedMessage } from "../mail/messages.ts";
import type { ObjectStore, PostRequest, RequestBody } from "../mail/ports.ts";
import { createBody } from "./body.ts";
import { encoders, type ForeignFormat } from "./formats/encode.ts";
import { createPayload, type PayloadDeps } from "./payload.ts";
import { sign, signStream, webhookId } from "./sign.ts";

export const webhookTimeoutMs = 15_000;

export type WebhookEndpoint = Extract<Endpoint, { readonly url: string }>;

export interface WebhookRequestDeps extends PayloadDeps {
  readonly store: Pick<ObjectStore, "get">;
  /** Of the endpoint, newest first. */
  readonly secrets: readonly string[];
}

interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody;
}

/** Null where no secret is fit to sign with. */
export async function createWebhookRequest(
  { url, allowPrivateAddress = false, format = "mailchute" }: WebhookEndpoint,
  routed: RoutedMessage,
  deps: WebhookRequestDeps,
): Promise<PostRequest | null> {
  const id = webhookId(routed);
  const timestampSeconds = Math.floor(deps.now() / 1000);
  const { headers, body } =
    format === "mailchute"
      ? {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(await createPayload(routed, deps)),
        }
      : await encodeForeign(format, { routed, timestampSeconds }, deps);
  const signature =
    typeof body === "string"
      ? sign(deps.secrets, id, timestampSeconds, body)
      : await signStream(deps.secrets, id, timestampSeconds, body.open());
  if (signature === "") return null;
  return {
    url,
    headers: {
      ...headers,
      "user-agent": "Mailchute",
      "webhook-id": id,
      "webhook-timestamp": String(timestampSeconds),
      "webhook-signature": signature,
    },
    body,
    timeoutMs: webhookTimeoutMs,
    allowPrivateAddress,
  };
}

async function encodeForeign(
  format: ForeignFormat,
  { routed, timestampSeconds }: { readonly routed: RoutedMessage; readonly timestampSeconds: number },
  { store, secrets }: WebhookRequestDeps,
): Promise<Content> {
  const { contentType, pieces } = encoders[format]({
    routed,
    ...(await readBodies(routed.message, store)),
    webhookId: webhookId(routed),
    timestampSeconds,
    secret: secrets[0] ?? "",
  });
  return {
    headers: {
      "content-type": contentType,
      // No format of theirs has a place for it that a sender cannot write to.
      "mailchute-sender-verified": String(routed.message.auth.senderVerified),
    },
    body: createBody(pieces, store),
  };
}

const Bodies = z.object({ text: z.string().nullable(), html: z.string().nullable() });

async function readBodies(
  { bodyKey, message }: RoutedMessage["message"],
  store: Pick<ObjectStore, "get">,
): Promise<z.infer<typeof Bodies>> {
  if (bodyKey === null) return message;
  const object = await store.get(bodyKey);
  if (object === null) throw new PermanentError(`${bodyKey}: no such object`);
  return Bodies.parse(JSON.parse(Buffer.concat(await Array.fromAsync(object.body)).toString()));
}
