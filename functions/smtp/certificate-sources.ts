/** Where certificates come from. What is wrong is told by the name of the source, and never by what it holds. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
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

const CertificateSecret = z.object({ certificate: z.string(), privateKey: z.string() });

/** The text of a secret, in JSON; empty PEM where its first certificate is still to come. */
export const fromSecret =
  (name: string, read: () => Promise<string>): ReadCertificate =>
  async () => {
    const parsed = CertificateSecret.safeParse(parseJson(await read()));
    if (!parsed.success)
      throw new Error(
        `secret ${name} is not right: it must hold {"certificate": "…", "privateKey": "…"}, both in PEM`,
      );
    if (parsed.data.certificate === "") return null;
    return { cert: parsed.data.certificate, key: parsed.data.privateKey };
  };

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
