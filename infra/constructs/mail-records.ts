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

function zoneOf(scope: Construct, { hostedZone }: Deployment): route53.IHostedZone | null {
  if (hostedZone === undefined) return null;
  const { id: hostedZoneId, name: zoneName } = hostedZone;
  return route53.HostedZone.fromHostedZoneAttributes(scope, "Zone", { hostedZoneId, zoneName });
}

export const isWithin = (name: string, zoneName: string) =>
  name === zoneName || name.endsWith(`.${zoneName}`);
