import * as z from "zod";
import { createGauge } from "../aws/log.ts";
import { createLogQuery } from "../aws/log-query.ts";
import { printLine } from "../aws/write-lines.ts";
import { audit } from "./audit.ts";

const Env = z.object({
  MAILCHUTE_SERVICE: z.string().min(1),
  /** The stages' log groups, with commas between them. */
  MAILCHUTE_LOG_GROUPS: z.string().transform((text) => text.split(",")),
  AWS_ENDPOINT_URL: z.url().optional(),
});

/** Called on a schedule. */
export async function handler(): Promise<number> {
  const env = Env.parse(process.env);
  const query = createLogQuery(env.AWS_ENDPOINT_URL);
  const unaccounted = await audit({
    ask: (question) => query({ ...question, logGroups: env.MAILCHUTE_LOG_GROUPS }),
    now: Date.now,
  });
  const gauge = createGauge({ service: env.MAILCHUTE_SERVICE, write: printLine, now: Date.now });
  gauge("Unaccounted", unaccounted);
  return unaccounted;
}
