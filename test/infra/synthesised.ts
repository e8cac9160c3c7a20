import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as z from "zod";
import { type ConfigInput, parseConfig } from "../../functions/mail/config.ts";
import { Deployment } from "../../infra/deployment.ts";
import { MailStack } from "../../infra/mail-stack.ts";

export const exampleConfig: ConfigInput = {
  hostname: "mx.example.com",
  endpoints: {
    helpdesk: { url: "https://app.example.com/hooks/mail" },
    billing: { queue: "arn:aws:sqs:eu-west-1:111122223333:billing-mail" },
  },
  routes: [
    { name: "rest", when: { recipient: ["*@example.com", "*@example.org"] }, to: ["helpdesk", "billing"] },
  ],
};

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** The template of a deployment. Its functions are not bundled: what is in them is no matter here. */
export const synthesise = (deployment: z.input<typeof Deployment> = {}, config = exampleConfig): Template =>
  Template.fromStack(synthesiseStack(deployment, config));

export function synthesiseStack(deployment: z.input<typeof Deployment>, config = exampleConfig): MailStack {
  const { context } = CdkJson.parse(JSON.parse(readFileSync("cdk.json", "utf8")));
  const app = new App({
    context: { ...context, "aws:cdk:bundling-stacks": [] },
    // It takes seconds, and is part of every `cdk synth`.
    builtinCloudFormationValidation: false,
    treeMetadata: false,
  });
  return new MailStack(app, "mailchute", {
    config: parseConfig(config),
    deployment: Deployment.parse(deployment),
  });
}
