import { generate } from "selfsigned";
import type { CertificatePair } from "./certificates.ts";

const validityMs = 10 * 365 * 24 * 60 * 60 * 1000;

/** A certificate that nobody vouches for: enough for STARTTLS between mail servers, which ask for no more (RFC 7435). */
export async function makeSelfSigned(hostname: string): Promise<CertificatePair> {
  const notBeforeDate = new Date();
  const { cert, private: key } = await generate([{ name: "commonName", value: hostname }], {
    // EC would be faster, but fails in selfsigned 5.5 beside the older ASN.1 library that mailauth pins.
    keyType: "rsa",
    keySize: 2048,
    algorithm: "sha256",
    notBeforeDate,
    notAfterDate: new Date(notBeforeDate.getTime() + validityMs),
    extensions: [
      { name: "subjectAltName", altNames: [{ type: 2, value: hostname }] },
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
    ],
  });
  return { cert, key };
}
