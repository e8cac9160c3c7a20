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

/** One webhook and a certificate: what `mailchute plan` counts the fixed part of. */
export const ordinaryDeployment: [z.input<typeof Deployment>, ConfigInput] = [
  { hostedZone: { id: "Z0123456789", name: "example.com" } },
  {
    hostname: "mx.example.com",
    endpoints: { helpdesk: { url: "https://app.example.com/hooks/mail" } },
    routes: [{ name: "rest", when: { recipient: "*@example.com" }, to: ["helpdesk"] }],
  },
];

/** All that can be switched on, in a network that is there; the hosted zone has one of the two domains. */
export const everythingOn: [z.input<typeof Deployment>, ConfigInput] = [
  {
    vpc: {
      id: "vpc-0a1b2c3d4e5f6a7b8",
      availabilityZones: ["us-east-1a", "us-east-1b"],
      publicSubnetIds: ["subnet-0a1b2c3d4e5f6a7b8", "subnet-0b1c2d3e4f5a6b7c8"],
    },
    hostedZone: { id: "Z0123456789", name: "example.com" },
    mtaSts: "enforce",
    tlsReportsTo: "tls@example.com",
    isIpv6Published: true,
    ports: [25, 465, 587],
    tasks: { min: 3, max: 40 },
    encryption: "kms",
    isVersioned: true,
    keepDays: 90,
    alarmEmail: "ops@example.com",
  },
  {
    hostname: "mx.example.com",
    endpoints: {
      helpdesk: { url: "https://app.example.com/hooks/mail" },
      legacy: { url: "https://app.example.com/hooks/postmark", format: "postmark" },
      billing: { queue: "arn:aws:sqs:us-east-1:111122223333:billing-mail" },
      audit: { bus: "arn:aws:events:us-east-1:111122223333:event-bus/mail" },
    },
    routes: [
      {
        name: "rest",
        when: { recipient: ["*@example.com", "*@example.org"] },
        to: ["helpdesk", "legacy", "billing", "audit"],
      },
    ],
    smtp: { users: { relay: `scrypt$15$8$1$${"a".repeat(22)}$${"b".repeat(43)}` } },
    validate: { findDuplicates: true },
  },
];

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
