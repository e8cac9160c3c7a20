import { generate } from "selfsigned";
import type { CertificateSecret } from "../../functions/mail/certificate-secret.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** A certificate for one name that lasts from one day to another, counted from `originMs`. */
export async function makeCertificate(
  hostname: string,
  {
    originMs,
    fromDay,
    toDay,
  }: { readonly originMs: number; readonly fromDay: number; readonly toDay: number },
): Promise<CertificateSecret> {
  const { cert, private: privateKey } = await generate([{ name: "commonName", value: hostname }], {
    keyType: "rsa",
    keySize: 2048,
    algorithm: "sha256",
    notBeforeDate: new Date(originMs + fromDay * dayMs),
    notAfterDate: new Date(originMs + toDay * dayMs),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: hostname }] }],
  });
  return { certificate: cert, privateKey };
}
