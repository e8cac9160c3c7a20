import * as z from "zod";
import type { Protocol } from "./arrival.ts";
import type { CertificateFiles } from "./certificate-sources.ts";

export interface Listener {
  readonly protocol: Protocol;
  readonly port: number;
}

export interface SmtpSettings {
  readonly host: string;
  readonly listeners: readonly Listener[];
  readonly healthPort: number | null;
  readonly tls: TlsSettings;
  readonly limits: {
    readonly connectionsMax?: number;
    readonly maxBufferedBytes?: number;
    readonly stopMs?: number;
  };
}

/** Where there is neither, a certificate is made at the start. */
export interface TlsSettings {
  readonly files: readonly CertificateFiles[];
  /** Names or ARNs of secrets. */
  readonly secrets: readonly string[];
  /** How often both are looked at again. */
  readonly reloadMs: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const count = (max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().max(max));

const port = count(65535);

/** Separated by commas. */
const list = z
  .string()
  .transform((text) => text.split(",").map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)));

/** What `npm start` reads as well. */
const shared = {
  MAILCHUTE_SMTPS_PORT: port.optional(),
  /** LMTP must not be spoken on SMTP's own port (RFC 2033 §5). */
  MAILCHUTE_LMTP_PORT: port.refine((number) => number !== 25).optional(),
  MAILCHUTE_TLS_CERT_FILE: list.optional(),
  MAILCHUTE_TLS_KEY_FILE: list.optional(),
};

const Shared = z.object(shared);
type Shared = z.infer<typeof Shared>;

const Variables = z.object({
  ...shared,
  MAILCHUTE_SMTP_HOST: z.string().min(1).default("::"),
  MAILCHUTE_SMTP_PORT: port.default(2525),
  MAILCHUTE_HEALTH_PORT: port.optional(),
  MAILCHUTE_TLS_SECRET: list.optional(),
  // A certificate is renewed weeks before its end, and every look at a secret costs.
  MAILCHUTE_TLS_RELOAD_SECONDS: count(86_400).pipe(z.number().min(1)).default(300),
  MAILCHUTE_CONNECTIONS_MAX: count(1_000_000).optional(),
  MAILCHUTE_BUFFERED_BYTES_MAX: count(2 ** 40).optional(),
  MAILCHUTE_STOP_MS: count(600_000).optional(),
});

const aPort = "a port from 0 to 65535";

const expectations: Readonly<Record<keyof z.infer<typeof Variables>, string>> = {
  MAILCHUTE_SMTP_HOST: "the address to listen on, such as :: for all of both families",
  MAILCHUTE_SMTP_PORT: aPort,
  MAILCHUTE_SMTPS_PORT: aPort,
  MAILCHUTE_LMTP_PORT: `${aPort}, and not 25`,
  MAILCHUTE_HEALTH_PORT: aPort,
  MAILCHUTE_TLS_CERT_FILE:
    "the path of a PEM file, or several with commas between them, as many as in MAILCHUTE_TLS_KEY_FILE",
  MAILCHUTE_TLS_KEY_FILE:
    "the path of a PEM file, or several with commas between them, as many as in MAILCHUTE_TLS_CERT_FILE",
  MAILCHUTE_TLS_SECRET: "the name or ARN of a secret, or several with commas between them",
  MAILCHUTE_TLS_RELOAD_SECONDS: "a number of seconds from 1 to 86400",
  MAILCHUTE_CONNECTIONS_MAX: "a number of connections from 0 to 1000000",
  MAILCHUTE_BUFFERED_BYTES_MAX: "a number of bytes",
  MAILCHUTE_STOP_MS: "a number of milliseconds from 0 to 600000",
};

/** Reads what the container sets; an error names each variable, what it is and what would be right. */
export function readSmtpSettings(env: Environment): SmtpSettings {
  const data = read(Variables, env);
  return {
    host: data.MAILCHUTE_SMTP_HOST,
    listeners: [{ protocol: "smtp", port: data.MAILCHUTE_SMTP_PORT }, ...listenersOf(data)],
    healthPort: data.MAILCHUTE_HEALTH_PORT ?? null,
    tls: {
      files: filesOf(data, env),
      secrets: data.MAILCHUTE_TLS_SECRET ?? [],
      reloadMs: data.MAILCHUTE_TLS_RELOAD_SECONDS * 1000,
    },
    limits: withoutUnset({
      connectionsMax: data.MAILCHUTE_CONNECTIONS_MAX,
      maxBufferedBytes: data.MAILCHUTE_BUFFERED_BYTES_MAX,
      stopMs: data.MAILCHUTE_STOP_MS,
    }),
  };
}

/** What `npm start` reads as well: the listeners beside SMTP's own, and the certificates. */
export function readSharedSettings(env: Environment) {
  const data = read(Shared, env);
  return { listeners: listenersOf(data), certificates: filesOf(data, env) };
}

function read<Schema extends typeof Shared>(schema: Schema, env: Environment): z.infer<Schema> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map(({ path }) => Variables.keyof().parse(path[0]));
  throw new Error([...new Set(names)].map((name) => describe(name, env)).join("; "));
}

function listenersOf({
  MAILCHUTE_SMTPS_PORT: smtps,
  MAILCHUTE_LMTP_PORT: lmtp,
}: Shared): readonly Listener[] {
  return [
    ...(smtps === undefined ? [] : [{ protocol: "smtps", port: smtps } as const]),
    ...(lmtp === undefined ? [] : [{ protocol: "lmtp", port: lmtp } as const]),
  ];
}

function filesOf(data: Shared, env: Environment): readonly CertificateFiles[] {
  const { MAILCHUTE_TLS_CERT_FILE: certFiles = [], MAILCHUTE_TLS_KEY_FILE: keyFiles = [] } = data;
  if (certFiles.length !== keyFiles.length) {
    const isKey = certFiles.length > keyFiles.length;
    throw new Error(describe(isKey ? "MAILCHUTE_TLS_KEY_FILE" : "MAILCHUTE_TLS_CERT_FILE", env));
  }
  return certFiles.map((certFile, index) => ({ certFile, keyFile: keyFiles[index] ?? "" }));
}

const withoutUnset = (
  values: Readonly<Record<string, number | undefined>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function describe(name: keyof z.infer<typeof Variables>, env: Environment): string {
  const value = env[name];
  const is = value === undefined ? "is not set" : `is ${JSON.stringify(value)}`;
  return `${name} ${is} but must be ${expectations[name]}`;
}
