/** The config file on one machine: read, checked, and read again when it changes. */
import { execFile } from "node:child_process";
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Config, ConfigError, parseConfig } from "../../functions/mail/config.ts";
import { describeError } from "../../functions/mail/errors.ts";

/** Calls back when the file may have changed; gives what ends that. */
export type WatchFile = (path: string, onChange: () => void) => () => void;

export interface ConfigFileDeps {
  /** The first version, and each good one after it. */
  readonly onConfig: (config: Config) => void;
  /** A new version that cannot stand; the last good one stays. */
  readonly onRefused: (error: ConfigError) => void;
  readonly watch?: WatchFile;
}

/**
 * Reads the file, or throws a `ConfigError`, and goes on watching it. A file that it imports is read once and not
 * watched.
 */
export async function openConfigFile(
  path: string,
  { onConfig, onRefused, watch = watchByStat(1000) }: ConfigFileDeps,
): Promise<{ close(): void }> {
  let seen: string | null | undefined;
  const load = async (): Promise<void> => {
    const text = await readText(path);
    if (text === seen) return;
    const result = await evaluate(path, text).catch((error: unknown) => asConfigError(error, path));
    if ((await readText(path)) !== text) return load(); // It was still being written.
    seen = text;
    if (result instanceof ConfigError) throw result;
    onConfig(result);
  };
  const reload = () => load().catch((error: unknown) => onRefused(asConfigError(error, path)));
  const opened = Promise.withResolvers<void>();
  let loading = opened.promise;
  // Watched before it is read, so that no change falls between the two.
  const close = watch(path, () => {
    loading = loading.then(reload);
  });
  try {
    await load();
  } catch (error) {
    close();
    throw asConfigError(error, path);
  }
  opened.resolve();
  return { close };
}

/** One `stat` each interval: it sees what editors do (rename), and mounts that send no events. */
export function watchByStat(intervalMs: number): WatchFile {
  return (path, onChange) => {
    watchFile(path, { interval: intervalMs }, onChange);
    return () => unwatchFile(path, onChange);
  };
}

/** Null where there is no such file. */
async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isNamed(error, "ENOENT")) return null;
    throw error;
  }
}

async function evaluate(path: string, text: string | null): Promise<Config> {
  if (text === null) {
    throw new ConfigError([`${path}: no such file; write one, or name another in MAILCHUTE_CONFIG`]);
  }
  const extension = extname(path);
  if (extension === ".json") return parseConfig(readJson(path, text));
  if (scripts.includes(extension)) return parseConfig(await importConfig(path));
  throw new ConfigError([`${path}: no config has the extension "${extension}"; write .ts, .js or .json`]);
}

const scripts = [".ts", ".mts", ".js", ".mjs"];

function readJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new ConfigError([`${path}: not JSON: ${describeError(cause)}`]);
  }
}

let imports = 0;

/** The query makes each import a module of its own. */
async function importConfig(path: string): Promise<unknown> {
  const url = pathToFileURL(resolve(path)).href;
  let exported: { readonly config?: unknown };
  try {
    exported = await import(`${url}?import=${++imports}`);
  } catch (error) {
    const line = lineIn(stackOf(error), [url, resolve(path)]) ?? (await lineOfSyntaxError(error, path));
    throw new ConfigError([`${path}${line === null ? "" : `:${line}`}: ${describeError(error)}`]);
  }
  if (exported.config !== undefined) return exported.config;
  throw new ConfigError([`${path}: no export named config; write export const config = defineConfig({ … })`]);
}

/** From a stack: `file:///mailchute.config.ts?import=1:3:5`, or `/mailchute.config.ts:3`. */
function lineIn(stack: string, places: readonly string[]): string | null {
  for (const place of places) {
    const [, rest = ""] = stack.split(place, 2);
    const line = /^(?:\?import=\d+)?:(\d+)/.exec(rest)?.[1];
    if (line !== undefined) return line;
  }
  return null;
}

const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? "") : "");

/** For JavaScript, Node tells the line only to a terminal. */
async function lineOfSyntaxError(error: unknown, path: string): Promise<string | null> {
  if (!(error instanceof SyntaxError)) return null;
  const stderr = await new Promise<string>((settle) => {
    execFile(process.execPath, ["--check", resolve(path)], (_error, _stdout, output) => settle(output));
  });
  return lineIn(stderr, [resolve(path)]);
}

/** Each problem with the file's name before it. */
function asConfigError(error: unknown, path: string): ConfigError {
  if (!(error instanceof ConfigError)) return new ConfigError([`${path}: ${describeError(error)}`]);
  return new ConfigError(
    error.problems.map((problem) => (problem.startsWith(`${path}:`) ? problem : `${path}: ${problem}`)),
  );
}

const isNamed = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;
