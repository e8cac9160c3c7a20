import { GetSecretValueCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { failed } from "./failed.ts";
import { createSecretsManager } from "./secrets-manager.ts";

/** One secret's text, to read and to replace. The text never stands in an error. */
export function openSecretText(SecretId: string, endpoint: string | undefined) {
  const client = createSecretsManager(endpoint);
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
