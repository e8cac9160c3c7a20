import { createPrivateKey, X509Certificate } from "node:crypto";
import * as z from "zod";

const dayMs = 24 * 60 * 60 * 1000;

/** Of a certificate's whole time, as its authority advises: 30 days of the usual 90. */
const renewedInLastPart = 1 / 3;

/** The secret that the front end reads: JSON of two PEM texts, the certificate first in its chain. */
export const CertificateSecret = z.object({
  certificate: z.string().includes("-----BEGIN CERTIFICATE-----"),
  privateKey: z.string().includes("PRIVATE KEY-----"),
});
export type CertificateSecret = z.infer<typeof CertificateSecret>;

export interface CertificateState {
  /** Whole days; 0 where there is none that can be used. */
  readonly daysLeft: number;
  readonly isDue: boolean;
}

const unusable: CertificateState = { daysLeft: 0, isDue: true };

/** Decides whether what the secret holds can be used, for how long still, and whether it is time for another. */
export function judgeCertificate(secretText: string, hostname: string, nowMs: number): CertificateState {
  const parsed = CertificateSecret.safeParse(readJson(secretText));
  if (!parsed.success) return unusable;
  const certificate = readPair(parsed.data);
  if (certificate === null || certificate.checkHost(hostname) === undefined) return unusable;
  const [beginMs, endMs] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  if (endMs <= nowMs) return unusable;
  return {
    daysLeft: Math.floor((endMs - nowMs) / dayMs),
    isDue: endMs - nowMs < (endMs - beginMs) * renewedInLastPart,
  };
}

/** Null where either is no PEM, or the key is another certificate's. */
function readPair({ certificate, privateKey }: CertificateSecret): X509Certificate | null {
  try {
    const first = new X509Certificate(certificate);
    return first.checkPrivateKey(createPrivateKey(privateKey)) ? first : null;
  } catch {
    return null;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
