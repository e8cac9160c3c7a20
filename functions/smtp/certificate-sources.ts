/** Where certificates come from. What is wrong is told by the name of the source, and never by what it holds. */
import { readFile } from "node:fs/promises";
import { readCertificateSecret } from "../mail/certificate-secret.ts";
import type { ReadCertificate } from "./certificates.ts";

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export const fromFiles =
  ({ certFile, keyFile }: CertificateFiles): ReadCertificate =>
  async () => {
    const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
    return { cert, key };
  };

/** The text of a secret, in JSON; empty PEM where its first certificate is still to come. */
export const fromSecret =
  (name: string, read: () => Promise<string>): ReadCertificate =>
  async () => {
    const secret = readCertificateSecret(await read());
    if (secret === null)
      throw new Error(
        `secret ${name} is not right: it must hold {"certificate": "…", "privateKey": "…"}, both in PEM`,
      );
    if (secret.certificate === "") return null;
    return { cert: secret.certificate, key: secret.privateKey };
  };
