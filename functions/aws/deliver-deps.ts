import type { Clock, SendToBus } from "../mail/ports.ts";
import { createSendToBus } from "./event-bus.ts";
import { createSecrets } from "./secrets.ts";
import { createSecretsManager } from "./secrets-manager.ts";
import { type Environment, readAwsSettings } from "./settings.ts";

export interface AwsDeliverDeps {
  /** The signing secrets of an endpoint, newest first. */
  readonly secrets: (endpoint: string) => Promise<readonly string[]>;
  readonly sendToBus: SendToBus;
}

/** Wires what stage deliver needs beside what every function does. */
export function awsDeliverDeps(env: Environment, now: Clock): AwsDeliverDeps {
  const { secretsManagerEndpoint, secretPrefix: prefix, eventBridgeEndpoint } = readAwsSettings(env);
  return {
    secrets: createSecrets({ client: createSecretsManager(secretsManagerEndpoint), prefix, now }),
    sendToBus: createSendToBus(eventBridgeEndpoint),
  };
}
