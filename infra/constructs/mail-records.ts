import { createHash } from "node:crypto";
import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import * as route53 from "aws-cdk-lib/aws-route53";
import { LoadBalancerTarget } from "aws-cdk-lib/aws-route53-targets";
import { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import { servedDomains } from "../../functions/mail/match.ts";
import type { Deployment } from "../deployment.ts";
import type { FrontEnd } from "./front-end.ts";

const ttl = Duration.hours(1);

export interface MailRecordsDeps {
  readonly config: Config;
  readonly deployment: Deployment;
  readonly frontEnd: Pick<FrontEnd, "addresses" | "balancer">;
}

/** The records that bring mail here: in the hosted zone as far as it reaches, and in outputs, to be made by hand, beyond it. */
export function createMailRecords(scope: Construct, { config, deployment, frontEnd }: MailRecordsDeps): void {
  const within = new Construct(scope, "Records");
  const hostname = config.hostname.toLowerCase();
  // Mail for the host itself finds it without an MX (RFC 5321 §5.1).
  const domains = [...servedDomains(config)].filter((domain) => domain !== hostname);
  const zone = zoneOf(within, deployment);
  const byHand: string[] = [];
  if (zone !== null && isWithin(hostname, zone.zoneName)) {
    const target = route53.RecordTarget.fromAlias(new LoadBalancerTarget(frontEnd.balancer));
    new route53.ARecord(within, "A", { zone, recordName: `${hostname}.`, target });
    if (deployment.isIpv6Published) {
      new route53.AaaaRecord(within, "AAAA", { zone, recordName: `${hostname}.`, target });
    }
  } else {
    byHand.push(...frontEnd.addresses.map(({ attrPublicIp }) => `${hostname}. A ${attrPublicIp}`));
  }
  for (const { name, text } of domains.flatMap((domain) => textsOf(domain, hostname, deployment))) {
    if (zone !== null && isWithin(name, zone.zoneName)) {
      new route53.TxtRecord(within, `TXT-${name}`, { zone, recordName: `${name}.`, values: [text], ttl });
    } else {
      byHand.push(`${name}. TXT "${text}"`);
    }
  }
  if (deployment.mtaSts !== undefined) {
    new CfnOutput(Stack.of(scope), "MtaStsPolicy", {
      description: "Serve it at https://mta-sts.<each domain>/.well-known/mta-sts.txt, as text/plain",
      value: policyOf(hostname, deployment.mtaSts),
    });
  }
  for (const domain of domains) {
    if (zone !== null && isWithin(domain, zone.zoneName)) {
      const values = [{ hostName: `${hostname}.`, priority: 10 }];
      new route53.MxRecord(within, `MX-${domain}`, { zone, recordName: `${domain}.`, values, ttl });
    } else {
      byHand.push(`${domain}. MX 10 ${hostname}.`);
    }
  }
  if (byHand.length > 0) {
    new CfnOutput(Stack.of(scope), "RecordsToMake", { value: byHand.join("\n") });
  }
}

interface Text {
  readonly name: string;
  readonly text: string;
}

function textsOf(domain: string, hostname: string, { mtaSts, tlsReportsTo }: Deployment): readonly Text[] {
  const texts: Text[] = [];
  if (mtaSts !== undefined) {
    // A new policy is a new id: that is how senders see that there is one.
    const id = createHash("sha256").update(policyOf(hostname, mtaSts)).digest("hex").slice(0, 32);
    texts.push({ name: `_mta-sts.${domain}`, text: `v=STSv1; id=${id}` });
  }
  if (tlsReportsTo !== undefined)
    texts.push({ name: `_smtp._tls.${domain}`, text: `v=TLSRPTv1; rua=mailto:${tlsReportsTo}` });
  return texts;
}

const policyOf = (hostname: string, mode: "testing" | "enforce") =>
  `version: STSv1\nmode: ${mode}\nmx: ${hostname}\nmax_age: 604800\n`;

function zoneOf(scope: Construct, { hostedZone }: Deployment): route53.IHostedZone | null {
  if (hostedZone === undefined) return null;
  const { id: hostedZoneId, name: zoneName } = hostedZone;
  return route53.HostedZone.fromHostedZoneAttributes(scope, "Zone", { hostedZoneId, zoneName });
}

export const isWithin = (name: string, zoneName: string) =>
  name === zoneName || name.endsWith(`.${zoneName}`);
