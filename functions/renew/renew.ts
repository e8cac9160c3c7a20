import type { CertificateSecret } from "../mail/certificate-secret.ts";
import type { Clock } from "../mail/ports.ts";
import { judgeCertificate } from "./certificate.ts";

export interface RenewDeps {
  readonly readSecret: () => Promise<string>;
  readonly writeSecret: (text: string) => Promise<void>;
  /** Gets a certificate for a host. Null: whoever owns the secret renews it, and it is only watched. */
  readonly order: ((hostname: string) => Promise<CertificateSecret>) | null;
  readonly reportDaysLeft: (daysLeft: number) => void;
  readonly now: Clock;
}

/**
 * Renews the host's certificate in its secret when that is due. How long it lasts is reported whatever comes of it, so
 * that an authority that refuses rings an alarm long before the certificate ends.
 */
export async function renew(hostname: string, deps: RenewDeps): Promise<"kept" | "renewed"> {
  const { readSecret, writeSecret, order, reportDaysLeft, now } = deps;
  const { daysLeft, isDue } = judgeCertificate(await readSecret(), hostname, now());
  if (!isDue || order === null) {
    reportDaysLeft(daysLeft);
    return "kept";
  }
  try {
    const text = JSON.stringify(await order(hostname));
    const ordered = judgeCertificate(text, hostname, now());
    if (ordered.isDue) throw new Error(`the certificate that came cannot be used for ${hostname}`);
    await writeSecret(text);
    reportDaysLeft(ordered.daysLeft);
    return "renewed";
  } catch (error) {
    reportDaysLeft(daysLeft);
    throw error;
  }
}
