import { readFile } from "node:fs/promises";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import * as z from "zod";
import { configKey } from "../aws/config.ts";
import { awsDeps } from "../aws/deps.ts";
import { describeError } from "../mail/errors.ts";
import { publish } from "./publish.ts";
import { withCanary } from "./with-canary.ts";

const CanaryEnv = z
  .object({ MAILCHUTE_CANARY_ADDRESS: z.string().min(1), MAILCHUTE_CANARY_QUEUE: z.string().min(1) })
  .transform((env) => ({ address: env.MAILCHUTE_CANARY_ADDRESS, queue: env.MAILCHUTE_CANARY_QUEUE }));

/** Called by CloudFormation when the config that lies beside this code is new, and answers by the URL it is given. */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const answer = await publish(event, {
    readConfig: () => readFile(new URL("config.json", import.meta.url)),
    putConfig: async (json) => {
      const body = Buffer.from(withCanary(Buffer.from(json).toString(), CanaryEnv.parse(process.env)));
      await awsDeps(process.env).store.put(configKey, [body], { contentType: "application/json" });
    },
    describeError,
  });
  // A body of bytes has no content type, which the URL's signature leaves out.
  const body = Buffer.from(JSON.stringify(answer));
  const { ok, status } = await fetch(event.ResponseURL, { method: "PUT", body });
  if (!ok) throw new Error(`CloudFormation answered ${status}`);
}
