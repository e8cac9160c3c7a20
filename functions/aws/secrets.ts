import { randomBytes } from "node:crypto";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import { parseJson } from "../mail/json.ts";
import type { Clock } from "../mail/ports.ts";
import { failed } from "./failed.ts";

/** A rotated secret is in use after this long at most. */
export const secretMaxAgeMs = 5 * 60_000;

/** As Standard Webhooks writes one, or as Secrets Manager makes one, which is base64 too: of 33 bytes. */
const Secret = z.union([
  z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/),
  z
    .string()
    .regex(/^[A-Za-z0-9]{44}$/)
    .transform((base64) => `whsec_${base64}`),
]);

/** Newest first; two while rotating. */
const Secrets = z.array(Secret).min(1).max(2);

const expectation =
  'it must hold "whsec_" and base64 of at least 24 bytes, or 44 letters and digits, or a JSON list of one or two of these';

export interface SecretsDeps {
  readonly client: Pick<SecretsManagerClient, "send">;
  readonly prefix: string;
  readonly now: Clock;
}

/** Finds the signing secrets of an endpoint, in the secret of the prefix and its name. */
export function createSecrets({ client, prefix, now }: SecretsDeps) {
  const known = new Map<
    string,
    { readonly secrets: Promise<readonly string[]>; readonly readAtMs: number }
  >();
  return async (endpoint: string): Promise<readonly string[]> => {
    const entry = known.get(endpoint);
    if (entry !== undefined && now() - entry.readAtMs < secretMaxAgeMs) return entry.secrets;
    const secrets = readSecrets(`${prefix}${endpoint}`, client);
    known.set(endpoint, { secrets, readAtMs: now() });
    secrets.catch(() => known.delete(endpoint));
    return secrets;
  };
}

const secretSizeBytes = 24;

/** Puts a new secret before an endpoint's newest; the one before that is gone. Both sign until the next time. */
export const createRotateSecret =
  ({ client, prefix }: Pick<SecretsDeps, "client" | "prefix">) =>
  async (endpoint: string): Promise<void> => {
    const SecretId = `${prefix}${endpoint}`;
    const [newest] = await readSecrets(SecretId, client);
    const fresh = `whsec_${randomBytes(secretSizeBytes).toString("base64")}`;
    const SecretString = JSON.stringify([fresh, newest]);
    await client
      .send(new PutSecretValueCommand({ SecretId, SecretString }))
      .catch(failed(`secret ${SecretId} cannot be changed`));
  };

/** The value never stands in an error. */
async function readSecrets(SecretId: string, client: SecretsDeps["client"]): Promise<readonly string[]> {
  const { SecretString = "" } = await client
    .send(new GetSecretValueCommand({ SecretId }))
    .catch(failed(`secret ${SecretId} cannot be read`));
  const parsed = Secrets.safeParse(parse(SecretString));
  if (!parsed.success) throw new Error(`secret ${SecretId} is not right: ${expectation}`);
  return parsed.data;
}

const parse = (text: string): unknown => (text.trimStart().startsWith("[") ? parseJson(text) : [text.trim()]);
