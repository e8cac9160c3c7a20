import { Validations } from "aws-cdk-lib";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";

/** Letters and digits are base64: these are 33 bytes, which Standard Webhooks asks to be 24 to 64. */
const secretLength = 44;

/** A signing secret for each endpoint that is a webhook, made by Secrets Manager: nobody else ever saw it. */
export function createEndpointSecrets(
  scope: Construct,
  { endpoints }: Config,
  service: string,
): readonly secretsmanager.Secret[] {
  const within = new Construct(scope, "Secrets");
  Validations.of(within).acknowledge({
    id: "AwsSolutions-SMG4",
    reason:
      "The receiver holds it too: who rotates it keeps both secrets in it until the receiver has the new one",
  });
  const webhooks = Object.entries(endpoints).flatMap(([name, endpoint]) => ("url" in endpoint ? [name] : []));
  return webhooks.map(
    (name) =>
      new secretsmanager.Secret(within, name, {
        secretName: `${service}/${name}`,
        description: `Mailchute: signs webhooks to the endpoint ${name}`,
        generateSecretString: { passwordLength: secretLength, excludePunctuation: true },
      }),
  );
}
