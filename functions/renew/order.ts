import { Client, crypto } from "acme-client";
import type { CertificateSecret } from "../mail/certificate-secret.ts";

/** The TXT record by which an authority sees that the name is ours (RFC 8555 §8.4). */
export interface ChallengeRecord {
  /** Resolves when every name server of the zone answers with it. */
  put(name: string, value: string): Promise<void>;
  remove(name: string, value: string): Promise<void>;
}

/** How long an authority may take over a step: 20 looks, ever further apart. */
const waiting = { backoffAttempts: 20, backoffMin: 1_000, backoffMax: 10_000 } as const;

/**
 * Gets a certificate by ACME (RFC 8555) and DNS-01. Each order has an account and a key of its own: an account is free,
 * and what is not kept cannot be stolen.
 */
export async function orderCertificate(
  hostname: string,
  { directoryUrl, record }: { readonly directoryUrl: string; readonly record: ChallengeRecord },
): Promise<CertificateSecret> {
  const accountKey = await crypto.createPrivateEcdsaKey();
  const client = new Client({ directoryUrl, accountKey, ...waiting });
  const [privateKey, csr] = await crypto.createCsr(
    { altNames: [hostname] },
    await crypto.createPrivateEcdsaKey(),
  );
  const name = `_acme-challenge.${hostname}`;
  const certificate = await client.auto({
    csr,
    termsOfServiceAgreed: true,
    challengePriority: ["dns-01"],
    // The library would ask this machine's resolver; `put` asks the zone itself.
    skipChallengeVerification: true,
    challengeCreateFn: async (_authorization, { type }, keyAuthorization) => {
      if (type !== "dns-01") throw new Error(`the authority offers no DNS-01 for ${hostname}`);
      await record.put(name, keyAuthorization);
    },
    challengeRemoveFn: async (_authorization, _challenge, keyAuthorization) =>
      record.remove(name, keyAuthorization),
  });
  return { certificate, privateKey: privateKey.toString() };
}
