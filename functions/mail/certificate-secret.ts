/** The secret that holds a certificate: one stage renews it, the front end reads it. */
import * as z from "zod";
import { parseJson } from "./json.ts";

/** PEM texts, the certificate first in its chain; both are empty where the first certificate is still to come. */
const CertificateSecret = z.object({ certificate: z.string(), privateKey: z.string() });
export type CertificateSecret = z.infer<typeof CertificateSecret>;

/** Null where the text of the secret is something else. */
export const readCertificateSecret = (text: string): CertificateSecret | null =>
  CertificateSecret.safeParse(parseJson(text)).data ?? null;
