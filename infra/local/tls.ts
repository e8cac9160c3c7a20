import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CertificatePair } from "../../functions/smtp/certificates.ts";
import { makeSelfSigned } from "../../functions/smtp/self-signed.ts";

/** A certificate nearer to its end than this is made anew at a start. */
const renewBeforeMs = 30 * 24 * 60 * 60 * 1000;

/** The certificate in the data folder, self-signed on first start. */
export async function readOwnCertificate(
  folder: string,
  { hostname, nowMs }: { hostname: string; nowMs: number },
): Promise<CertificatePair> {
  const file = join(folder, "tls.pem");
  if (!isGood(file, hostname, nowMs)) {
    const { cert, key } = await makeSelfSigned(hostname);
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.tmp`, `${key}\n${cert}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.tmp`, file);
  }
  const pem = readFileSync(file, "utf8");
  return { key: pem, cert: pem };
}

function isGood(file: string, hostname: string, nowMs: number): boolean {
  if (!existsSync(file)) return false;
  try {
    const certificate = new X509Certificate(readFileSync(file));
    const isLasting = certificate.validToDate.getTime() - nowMs > renewBeforeMs;
    return isLasting && certificate.checkHost(hostname) !== undefined;
  } catch {
    return false;
  }
}
