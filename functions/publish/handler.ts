import { readFile } from "node:fs/promises";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { configKey } from "../aws/config.ts";
import { awsDeps } from "../aws/deps.ts";
import { describeError } from "../mail/errors.ts";
import { publish } from "./publish.ts";

/** Called by CloudFormation when the config that lies beside this code is new, and answers by the URL it is given. */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const answer = await publish(event, {
    readConfig: () => readFile(new URL("config.json", import.meta.url)),
    putConfig: async (json) => {
      await awsDeps(process.env).store.put(configKey, [json], { contentType: "application/json" });
    },
    describeError,
  });
  // A body of bytes has no content type, which the URL's signature leaves out.
  const body = Buffer.from(JSON.stringify(answer));
  const { ok, status } = await fetch(event.ResponseURL, { method: "PUT", body });
  if (!ok) throw new Error(`CloudFormation answered ${status}`);
}
