import { createChallengeRecord } from "../aws/challenge-record.ts";
import { createGauge } from "../aws/log.ts";
import { openSecretText } from "../aws/secret-text.ts";
import { printLine } from "../aws/write-lines.ts";
import { orderCertificate } from "./order.ts";
import { renew } from "./renew.ts";
import { readRenewSettings } from "./settings.ts";

/** Called on a schedule. A throw is an error of the function, and the next run tries again. */
export async function handler(): Promise<"kept" | "renewed"> {
  const { hostname, service, secret, acme, endpoint } = readRenewSettings(process.env);
  const { read, write } = openSecretText(secret, endpoint);
  const gauge = createGauge({ service, write: printLine, now: Date.now });
  return renew(hostname, {
    readSecret: read,
    writeSecret: write,
    order: acme === null ? null : orderBy(acme, endpoint),
    reportDaysLeft: (daysLeft) => gauge("CertificateDaysLeft", daysLeft),
    now: Date.now,
  });
}

const orderBy =
  ({ directoryUrl, hostedZoneId }: { directoryUrl: string; hostedZoneId: string }, endpoint?: string) =>
  (hostname: string) =>
    orderCertificate(hostname, { directoryUrl, record: createChallengeRecord(hostedZoneId, endpoint) });
