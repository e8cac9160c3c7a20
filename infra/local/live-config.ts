import { type Config, ConfigError } from "../../functions/mail/config.ts";
import { configWarnings } from "../../functions/mail/config-warnings.ts";
import { openConfigFile } from "./config-file.ts";
import { openSecrets, rotateSecret } from "./secrets.ts";
import { StartError } from "./settings.ts";

export interface LiveConfig {
  /** The last good version, its sinks turned into URLs. */
  current(): Config;
  /** The last good version, as the file has it. */
  source(): Config;
  /** Puts another into force until the file changes. */
  override(config: Config): void;
  /** Makes a new signing secret, which signs beside the one before; false for an unknown endpoint. */
  rotateSecret(endpoint: string): boolean;
  /** The endpoint's signing secrets, newest first; none for an unknown endpoint. */
  secrets(endpoint: string): readonly string[];
  close(): void;
}

export interface LiveConfigOptions {
  readonly configFile: string;
  readonly folder: string;
  /** Where the built-in sink listens, as `http://127.0.0.1:8025`; asked when a config is used. */
  readonly origin: () => string;
  readonly report: (sentence: string) => void;
}

/** The config file, followed while the program runs, and a secret for each endpoint that it names. */
export async function openLiveConfig({
  configFile,
  folder,
  origin,
  report,
}: LiveConfigOptions): Promise<LiveConfig> {
  let current: Config | undefined;
  /** Made once for a version and an origin: what is compiled from a config is kept by its identity. */
  let wired: { readonly config: Config; readonly origin: string; readonly withSinks: Config } | undefined;
  let secrets: Readonly<Record<string, readonly string[]>> = {};
  const take = (config: Config) => {
    secrets = openSecrets(folder, Object.keys(config.endpoints));
    for (const warning of configWarnings(config)) report(`${configFile}: ${warning}`);
    if (current !== undefined) report(`${configFile}: the new version is in force`);
    current = config;
  };
  const refuse = (error: ConfigError) =>
    report(`the new config is refused, the last good one stays: ${error.message}`);
  const file = await openConfigFile(configFile, { onConfig: take, onRefused: refuse }).catch((error) => {
    throw error instanceof ConfigError ? new StartError(error.message) : error;
  });
  const source = () => {
    if (current === undefined) throw new Error("no config was read");
    return current;
  };
  return {
    source,
    current: () => {
      const config = source();
      if (wired?.config !== config || wired.origin !== origin()) {
        wired = { config, origin: origin(), withSinks: withSinks(config, origin()) };
      }
      return wired.withSinks;
    },
    override: take,
    rotateSecret: (endpoint) => {
      if (!Object.hasOwn(source().endpoints, endpoint)) return false;
      secrets = rotateSecret(folder, endpoint);
      return true;
    },
    secrets: (endpoint) => (Object.hasOwn(secrets, endpoint) ? (secrets[endpoint] ?? []) : []),
    close: file.close,
  };
}

/** The built-in sink is an endpoint like any other: a URL of this machine. */
function withSinks(config: Config, origin: string): Config {
  const endpoints = Object.entries(config.endpoints).map(([name, endpoint]) =>
    "sink" in endpoint
      ? ([name, { url: `${origin}/sink/${name}`, allowPrivateAddress: true }] as const)
      : ([name, endpoint] as const),
  );
  return { ...config, endpoints: Object.fromEntries(endpoints) };
}
