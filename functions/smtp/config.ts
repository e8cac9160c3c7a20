import * as z from "zod";

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** Null: STARTTLS is not offered. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  readonly limits: {
    readonly connectionsMax?: number;
    readonly maxBufferedBytes?: number;
    readonly stopMs?: number;
  };
}

const count = (max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().max(max));

const Environment = z.object({
  MAILCHUTE_SMTP_HOST: z.string().min(1).default("::"),
  MAILCHUTE_SMTP_PORT: count(65535).default(2525),
  MAILCHUTE_TLS_CERT_FILE: z.string().min(1).optional(),
  MAILCHUTE_TLS_KEY_FILE: z.string().min(1).optional(),
  MAILCHUTE_CONNECTIONS_MAX: count(1_000_000).optional(),
  MAILCHUTE_BUFFERED_BYTES_MAX: count(2 ** 40).optional(),
  MAILCHUTE_STOP_MS: count(600_000).optional(),
});
type Environment = z.infer<typeof Environment>;

const expectations: Readonly<Record<keyof Environment, string>> = {
  MAILCHUTE_SMTP_HOST: "the address to listen on, such as :: for all of both families",
  MAILCHUTE_SMTP_PORT: "a port from 0 to 65535",
  MAILCHUTE_TLS_CERT_FILE: "the path of a PEM file, set together with MAILCHUTE_TLS_KEY_FILE",
  MAILCHUTE_TLS_KEY_FILE: "the path of a PEM file, set together with MAILCHUTE_TLS_CERT_FILE",
  MAILCHUTE_CONNECTIONS_MAX: "a number of connections from 0 to 1000000",
  MAILCHUTE_BUFFERED_BYTES_MAX: "a number of bytes",
  MAILCHUTE_STOP_MS: "a number of milliseconds from 0 to 600000",
};

/** Reads what the container sets; an error names each variable, what it is and what would be right. */
export function readSmtpSettings(env: Readonly<Record<string, string | undefined>>): SmtpSettings {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => Environment.keyof().parse(path[0]));
    throw new Error(names.map((name) => describe(name, env)).join("; "));
  }
  const { data } = parsed;
  return {
    host: data.MAILCHUTE_SMTP_HOST,
    port: data.MAILCHUTE_SMTP_PORT,
    tls: readTls(data, env),
    limits: withoutUnset({
      connectionsMax: data.MAILCHUTE_CONNECTIONS_MAX,
      maxBufferedBytes: data.MAILCHUTE_BUFFERED_BYTES_MAX,
      stopMs: data.MAILCHUTE_STOP_MS,
    }),
  };
}

function readTls(data: Environment, env: Readonly<Record<string, string | undefined>>): SmtpSettings["tls"] {
  const { MAILCHUTE_TLS_CERT_FILE: certFile, MAILCHUTE_TLS_KEY_FILE: keyFile } = data;
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile === undefined && keyFile === undefined) return null;
  throw new Error(
    describe(certFile === undefined ? "MAILCHUTE_TLS_CERT_FILE" : "MAILCHUTE_TLS_KEY_FILE", env),
  );
}

const withoutUnset = (
  values: Readonly<Record<string, number | undefined>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function describe(name: keyof Environment, env: Readonly<Record<string, string | undefined>>): string {
  const value = env[name];
  const is = value === undefined ? "is not set" : `is ${JSON.stringify(value)}`;
  return `${name} ${is} but must be ${expectations[name]}`;
}
