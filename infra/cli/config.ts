/** The commands on the config and the secrets. */
import * as z from "zod";
import { type Config, ConfigError } from "../../functions/mail/config.ts";
import { configWarnings } from "../../functions/mail/config-warnings.ts";
import { openConfigFile } from "../local/config-file.ts";
import type { Api } from "./api.ts";
import { CommandError, exitCodes } from "./exit.ts";
import type { Output } from "./messages.ts";

/** Reads a config file as `npm start` would, and tells what is odd about it. */
export async function check(path: string): Promise<Output> {
  const warnings = configWarnings(await readConfig(path));
  const lines = warnings.map((warning) => `warning: ${warning}`);
  return { json: { problems: [], warnings }, text: [...lines, `${path} is right`].join("\n") };
}

async function readConfig(path: string): Promise<Config> {
  const read: Config[] = [];
  try {
    const { close } = await openConfigFile(path, {
      onConfig: (config) => read.push(config),
      onRefused: () => undefined,
    });
    close();
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(exitCodes.no, error.message);
    throw error;
  }
  const [config] = read;
  if (config === undefined) throw new Error(`${path} was not read`);
  return config;
}

const Given = z.object({ config: z.record(z.string(), z.unknown()) });

export async function pull(api: Api): Promise<Output> {
  const { config } = await api.get("/config", Given);
  return { json: config, text: JSON.stringify(config, null, 2) };
}

export async function push(path: string, api: Api): Promise<Output> {
  const config = await readConfig(path);
  const json = await api.send("PUT", "/config", { schema: Given, body: { config } });
  return {
    json,
    text: `${path} is in force: on one machine until the program's own file changes, or it ends; on AWS within half a minute`,
  };
}

export async function rotateSecret(endpoint: string, api: Api): Promise<Output> {
  const schema = z.object({ endpoint: z.string() });
  const json = await api.send("POST", `/secrets/${encodeURIComponent(endpoint)}/rotate`, { schema });
  return {
    json,
    text: `${endpoint} has a new secret, first in secrets.json of the data folder, or in its secret on AWS; the one before signs as well until the next time`,
  };
}
