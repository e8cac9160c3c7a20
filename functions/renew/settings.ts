import * as z from "zod";

const Env = z.object({
  MAILCHUTE_HOSTNAME: z.string().min(1),
  MAILCHUTE_SERVICE: z.string().min(1),
  MAILCHUTE_TLS_SECRET: z.string().min(1),
  /** Both or neither: without them the certificate is only watched. */
  MAILCHUTE_ACME_DIRECTORY: z.url({ protocol: /^https$/ }).optional(),
  MAILCHUTE_HOSTED_ZONE: z.string().min(1).optional(),
  AWS_ENDPOINT_URL: z.url().optional(),
});

/** Reads what the stack sets; an error names the variables that are wrong. */
export function readRenewSettings(env: Readonly<Record<string, string | undefined>>) {
  const parsed = Env.safeParse(env);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { data } = parsed;
  const { MAILCHUTE_ACME_DIRECTORY: directoryUrl, MAILCHUTE_HOSTED_ZONE: hostedZoneId } = data;
  if ((directoryUrl === undefined) !== (hostedZoneId === undefined))
    throw new Error("MAILCHUTE_ACME_DIRECTORY and MAILCHUTE_HOSTED_ZONE come together");
  return {
    hostname: data.MAILCHUTE_HOSTNAME,
    service: data.MAILCHUTE_SERVICE,
    secret: data.MAILCHUTE_TLS_SECRET,
    acme: directoryUrl === undefined || hostedZoneId === undefined ? null : { directoryUrl, hostedZoneId },
    endpoint: data.AWS_ENDPOINT_URL,
  };
}
