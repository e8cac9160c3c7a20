import { Stack, Validations } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import type { Deployment } from "../deployment.ts";
import { type BundledFunction, createFunction } from "./bundled-function.ts";
import { allow } from "./grants.ts";
import { isWithin } from "./mail-records.ts";
import { callEvery } from "./schedule.ts";

export interface Certificate {
  readonly secretArn: string;
  /** Renews it, or watches it where someone else does. */
  readonly renewing: lambda.Function;
}

const everyMinutes = 60;

/** Null: the front end signs one for itself, which is enough for mail servers that ask for no more (RFC 7435). */
export function createCertificate(
  scope: Construct,
  { config, deployment }: { readonly config: Config; readonly deployment: Deployment },
): Certificate | null {
  const { certificate, service, hostedZone } = deployment;
  if (certificate === "self-signed") return null;
  const hostname = config.hostname.toLowerCase();
  if ("secretArn" in certificate) {
    const { secretArn } = certificate;
    const { created } = createRenewing(scope, { hostname, service, secretArn, acme: {} });
    return { secretArn, renewing: created };
  }
  if (hostedZone === undefined || !isWithin(hostname, hostedZone.name)) return null;
  const { secretArn } = createSecret(scope, service);
  const { created, role } = createRenewing(scope, {
    hostname,
    service,
    secretArn,
    acme: { MAILCHUTE_ACME_DIRECTORY: certificate.acmeDirectory, MAILCHUTE_HOSTED_ZONE: hostedZone.id },
  });
  grantRenewal(role, { hostname, secretArn, zoneId: hostedZone.id });
  return { secretArn, renewing: created };
}

function createSecret(scope: Construct, service: string): secretsmanager.Secret {
  const within = new Construct(scope, "Tls");
  Validations.of(within).acknowledge({
    id: "AwsSolutions-SMG4",
    reason: "A function of this stack renews it: what Secrets Manager calls rotation knows no ACME",
  });
  return new secretsmanager.Secret(within, "Secret", {
    secretName: `${service}/tls/certificate`,
    description: "Mailchute: the MX host's certificate and its key",
    // No certificate yet: the front end has one of its own until the first comes.
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ certificate: "", privateKey: "" }),
      generateStringKey: "unused",
    },
  });
}

interface Renewing {
  readonly hostname: string;
  readonly service: string;
  readonly secretArn: string;
  readonly acme: Readonly<Record<string, string>>;
}

function createRenewing(scope: Construct, { hostname, service, secretArn, acme }: Renewing): BundledFunction {
  const renewing = createFunction(scope, "Renew", {
    functionName: `${service}-renew`,
    description: "Mailchute: renews the certificate, or tells how long it lasts",
    entry: "functions/renew/handler.ts",
    memoryMb: 256,
    timeoutSeconds: 600,
    environment: {
      MAILCHUTE_HOSTNAME: hostname,
      MAILCHUTE_SERVICE: service,
      MAILCHUTE_TLS_SECRET: secretArn,
      ...acme,
    },
  });
  allow(renewing.role, ["secretsmanager:GetSecretValue"], [secretArn]);
  callEvery(everyMinutes, renewing.created);
  return renewing;
}

/** The one record by which the authority sees that the name is ours, and nothing else in the zone. */
function grantRenewal(
  role: iam.IRole,
  { hostname, secretArn, zoneId }: { hostname: string; secretArn: string; zoneId: string },
): void {
  const { partition } = Stack.of(role);
  allow(role, ["secretsmanager:PutSecretValue"], [secretArn]);
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ["route53:ChangeResourceRecordSets"],
      resources: [`arn:${partition}:route53:::hostedzone/${zoneId}`],
      conditions: {
        "ForAllValues:StringEquals": {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": [`_acme-challenge.${hostname}`],
          "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"],
          "route53:ChangeResourceRecordSetsActions": ["UPSERT", "DELETE"],
        },
      },
    }),
  );
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:route53:::change/*]",
    reason: "Whether its change is everywhere yet; Route 53 names changes as it likes",
  });
  allow(role, ["route53:GetChange"], [`arn:${partition}:route53:::change/*`]);
}
