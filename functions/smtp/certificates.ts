/** What TLS speaks with: certificates for several names, each from a source that may renew it while the program runs. */
import { constants, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { domainName } from "../mail/address-pattern.ts";
import type { FindContext } from "./tls-socket.ts";

/** In PEM; the certificate's chain follows it. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** Null where there is none yet. */
export type ReadCertificate = () => Promise<CertificatePair | null>;

export interface Certificates {
  /** The one that is for the name, else the first. */
  readonly find: FindContext;
  /** Reads every source again. What cannot be used is reported, and the last good one stays. */
  reload(): Promise<void>;
}

export interface CertificatesDeps {
  /** Makes what speaks until a source has something good: no mail is lost for want of a certificate. */
  readonly makeSubstitute: () => Promise<CertificatePair>;
  readonly report: (error: unknown) => void;
}

interface Usable extends CertificatePair {
  readonly leaf: X509Certificate;
  readonly context: SecureContext;
}

export async function openCertificates(
  sources: readonly ReadCertificate[],
  { makeSubstitute, report }: CertificatesDeps,
): Promise<Certificates> {
  const good = new Map<ReadCertificate, Usable>();
  const reload = async () => {
    for (const read of sources) {
      try {
        const pair = await read();
        const known = good.get(read);
        const isKnown = pair === null || (known?.cert === pair.cert && known.key === pair.key);
        if (!isKnown) good.set(read, toUsable(pair));
      } catch (error) {
        report(error);
      }
    }
  };
  await reload();
  const substitute = good.size === 0 ? toUsable(await makeSubstitute()) : null;
  return {
    reload,
    find: (name) => {
      const usable = sources.flatMap((read) => good.get(read) ?? []);
      const isName = name !== undefined && domainName.test(name);
      const named = usable.find(({ leaf }) => isName && leaf.checkHost(name) !== undefined);
      return (named ?? usable[0] ?? substitute)?.context ?? null;
    },
  };
}

/** Throws where the two do not belong together. */
const toUsable = ({ cert, key }: CertificatePair): Usable => ({
  cert,
  key,
  leaf: new X509Certificate(cert),
  context: createSecureContext({
    cert,
    key,
    minVersion: "TLSv1.2",
    // Else a client might lead two that could do better to the weakest cipher that both know.
    honorCipherOrder: true,
    // A client could make a server compute for nothing by it (CVE-2011-1473).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }),
});
