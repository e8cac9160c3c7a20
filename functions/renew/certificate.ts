import { createPrivateKey, X509Certificate } from "node:crypto";
import { type CertificateSecret, readCertificateSecret } from "../mail/certificate-secret.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** Of a certificate's whole time, as its authority advises: 30 days of the usual 90. */
const renewedInLastPart = 1 / 3;

export interface CertificateState {
  /** Whole days; 0 where there is none that can be used. */
  readonly daysLeft: number;
  readonly isDue: boolean;
}

const unusable: CertificateState = { daysLeft: 0, isDue: true };

/** Decides whether what the secret holds can be used, for how long still, and whether it is time for another. */
export function judgeCertificate(secretText: string, hostname: string, nowMs: number): CertificateState {
  const secret = readCertificateSecret(secretText);
  const certificate = secret === null ? null : readPair(secret);
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
  if (!certificate.includes("-----BEGIN CERTIFICATE-----") || !privateKey.includes("PRIVATE KEY-----"))
    return null;
  try {
    const first = new X509Certificate(certificate);
    return first.checkPrivateKey(createPrivateKey(privateKey)) ? first : null;
  } catch {
    return null;
  }
}
