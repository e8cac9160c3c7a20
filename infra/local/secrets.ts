import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { StartError } from "./settings.ts";

const secretSizeBytes = 24;

/** Endpoint name → its signing secrets, newest first; two while rotating (Standard Webhooks). */
const Secrets = z.record(
  z.string(),
  z
    .array(z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/))
    .min(1)
    .max(2),
);
type Secrets = z.infer<typeof Secrets>;

/** Reads `secrets.json` in the data folder and adds a new secret for each endpoint that has none. */
export function openSecrets(folder: string, endpoints: readonly string[]): Readonly<Secrets> {
  const file = join(folder, "secrets.json");
  const known = existsSync(file) ? readSecrets(file) : {};
  const missing = endpoints.filter((endpoint) => !Object.hasOwn(known, endpoint));
  if (missing.length === 0) return known;
  const all = { ...known, ...Object.fromEntries(missing.map((endpoint) => [endpoint, [createSecret()]])) };
  write(file, all);
  return all;
}

/** Puts a new secret before the endpoint's newest; the one before that is gone. Both sign until the next time. */
export function rotateSecret(folder: string, endpoint: string): Readonly<Secrets> {
  const known = openSecrets(folder, [endpoint]);
  const all = { ...known, [endpoint]: [createSecret(), ...(known[endpoint] ?? []).slice(0, 1)] };
  write(join(folder, "secrets.json"), all);
  return all;
}

function write(file: string, all: Secrets): void {
  writeFileSync(`${file}.tmp`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.tmp`, file);
}

const createSecret = () => `whsec_${randomBytes(secretSizeBytes).toString("base64")}`;

/** The file's values never stand in the error: they are secrets. */
function readSecrets(file: string): Secrets {
  const right = 'it must hold JSON like { "helpdesk": ["whsec_<base64>"] }, one or two secrets an endpoint';
  try {
    const parsed = Secrets.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (parsed.success) return parsed.data;
    throw new StartError(
      `${file}: ${parsed.error.issues[0]?.path.join(".") || "the whole"} is not right: ${right}`,
    );
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${file} cannot be read: ${right}`);
  }
}
