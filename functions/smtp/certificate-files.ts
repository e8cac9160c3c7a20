import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContext } from "node:tls";

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface FollowedCertificate {
  /** The last good one. */
  current(): SecureContext;
  /** Reads the files again; throws when they are no good, and keeps what there was. */
  reload(): Promise<void>;
}

/** A certificate and its key in two PEM files, which may be renewed while the program runs. */
export async function openCertificateFiles({
  certFile,
  keyFile,
}: CertificateFiles): Promise<FollowedCertificate> {
  const read = async () => {
    const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
    return { cert, key, context: createSecureContext({ cert, key, minVersion: "TLSv1.2" }) };
  };
  let good = await read();
  return {
    current: () => good.context,
    reload: async () => {
      good = await read();
    },
  };
}
