import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { clientOptions } from "./clients.ts";

const idleTimeoutMs = 30_000;

/** Beside the clients that every function has: few ask for a secret, and who does not need not load it. */
export const createSecretsManager = (endpoint: string | undefined) =>
  new SecretsManagerClient(clientOptions(endpoint, idleTimeoutMs));
