import * as z from "zod";
import type { CertificateFiles } from "../../functions/smtp/certificate-sources.ts";
import { type Listener, readSharedSettings } from "../../functions/smtp/config.ts";

const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.number().max(65535))
    .default(fallback);

/** What `npm start` reads from the environment; every port may be 0, for any free one. */
const Environment = z.object({
  MAILCHUTE_SMTP_PORT: port(2525),
  MAILCHUTE_HTTP_PORT: port(8025),
  MAILCHUTE_DATA_DIR: z.string().min(1).default(".mailchute"),
  MAILCHUTE_CONFIG: z.string().min(1).default("mailchute.config.ts"),
});

const expectations: Readonly<Record<keyof z.infer<typeof Environment>, string>> = {
  MAILCHUTE_SMTP_PORT: "a port from 0 to 65535",
  MAILCHUTE_HTTP_PORT: "a port from 0 to 65535",
  MAILCHUTE_DATA_DIR: "the path of a folder",
  MAILCHUTE_CONFIG: "the path of a file",
};

export interface Settings {
  readonly host: string;
  readonly smtpPort: number;
  readonly httpPort: number;
  readonly folder: string;
  readonly configFile: string;
  /** Beside the one on `smtpPort`. */
  readonly listeners?: readonly Listener[];
  /** In place of the one that is made on first start. */
  readonly certificates?: readonly CertificateFiles[];
}

/** What keeps the program from starting; the message is one sentence for the person at the terminal. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Reads the settings, or throws a `StartError` that names the variable, its value and what would be right. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = Environment.safeParse(env);
  if (!parsed.success)
    throw new StartError(parsed.error.issues.map((issue) => describe(issue, env)).join("; "));
  return {
    host: "127.0.0.1",
    smtpPort: parsed.data.MAILCHUTE_SMTP_PORT,
    httpPort: parsed.data.MAILCHUTE_HTTP_PORT,
    folder: parsed.data.MAILCHUTE_DATA_DIR,
    configFile: parsed.data.MAILCHUTE_CONFIG,
    ...readShared(env),
  };
}

function readShared(env: Readonly<Record<string, string | undefined>>) {
  try {
    return readSharedSettings(env);
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function describe(issue: z.core.$ZodIssue, env: Readonly<Record<string, string | undefined>>): string {
  const name = Environment.keyof().parse(issue.path[0]);
  return `${name} is ${JSON.stringify(env[name])} but must be ${expectations[name]}`;
}
