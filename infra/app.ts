/** What `cdk synth` and `cdk deploy` run: the config file, and the context `mailchute` of cdk.json, become a stack. */
import { App } from "aws-cdk-lib";
import * as z from "zod";
import type { Config } from "../functions/mail/config.ts";
import { Deployment } from "./deployment.ts";
import { openConfigFile } from "./local/config-file.ts";
import { MailStack } from "./mail-stack.ts";

const app = new App();
const deployment = readDeployment(app.node.tryGetContext("mailchute"));
const config = await readConfig(process.env["MAILCHUTE_CONFIG"] ?? "mailchute.config.ts");
new MailStack(app, deployment.service, {
  description: "Mailchute: inbound mail that you own",
  config,
  deployment,
});

function readDeployment(context: unknown): Deployment {
  const parsed = Deployment.safeParse(context ?? {});
  if (parsed.success) return parsed.data;
  throw new Error(`context mailchute, in cdk.json:\n${z.prettifyError(parsed.error)}`);
}

async function readConfig(path: string): Promise<Config> {
  const { promise, resolve } = Promise.withResolvers<Config>();
  await openConfigFile(path, { onConfig: resolve, onRefused: () => undefined, watch: () => () => undefined });
  return promise;
}
