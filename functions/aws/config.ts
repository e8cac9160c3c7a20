import { type Config, parseConfig } from "../mail/config.ts";
import { describeError } from "../mail/errors.ts";
import type { Clock, ObjectStore } from "../mail/ports.ts";
import type { ReportProblem } from "./log.ts";

export const configKey = "config/config.json";

/** A new config is in force after this long at most. */
export const configMaxAgeMs = 30_000;

export interface ConfigDeps {
  readonly store: Pick<ObjectStore, "bucket" | "get">;
  readonly report: ReportProblem;
  readonly now: Clock;
}

/**
 * The config in the bucket, read again when it is asked for and older than 30 s. A version that cannot be read is
 * reported and the last good one stays; without one, a throw: the mail waits in its queue.
 */
export function createConfigReader({ store, report, now }: ConfigDeps): () => Promise<Config> {
  let good: Config | undefined;
  let reading: Promise<Config> | undefined;
  let readAtMs = 0;
  const read = async () => {
    try {
      good = parseConfig(await readJson(store));
    } catch (error) {
      report("config-refused", {
        key: configKey,
        reason: describeError(error),
        isLastGoodKept: good !== undefined,
      });
      if (good === undefined) throw error;
    } finally {
      readAtMs = now();
      reading = undefined;
    }
    return good;
  };
  return async () => {
    if (good !== undefined && now() - readAtMs < configMaxAgeMs) return good;
    reading ??= read();
    return reading;
  };
}

async function readJson({ bucket, get }: ConfigDeps["store"]): Promise<unknown> {
  const object = await get(configKey);
  if (object === null) throw new Error(`no config: put one at s3://${bucket}/${configKey}`);
  const text = Buffer.concat(await Array.fromAsync(object.body)).toString();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`s3://${bucket}/${configKey} is not JSON`, { cause });
  }
}
