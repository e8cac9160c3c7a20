import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { clientOptions } from "./clients.ts";
import { failed } from "./failed.ts";

const idleTimeoutMs = 30_000;

/** One secret's text, to read and to replace. The text never stands in an error. */
export function openSecretText(SecretId: string, endpoint: string | undefined) {
  const client = new SecretsManagerClient(clientOptions(endpoint, idleTimeoutMs));
  return {
    read: async (): Promise<string> => {
      const { SecretString = "" } = await client
        .send(new GetSecretValueCommand({ SecretId }))
        .catch(failed(`secret ${SecretId} cannot be read`));
      return SecretString;
    },
    write: async (SecretString: string): Promise<void> => {
      await client
        .send(new PutSecretValueCommand({ SecretId, SecretString }))
        .catch(failed(`secret ${SecretId} cannot be written`));
    },
  };
}
