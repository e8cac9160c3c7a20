import { ArnFormat, Duration, Fn, Stack, Validations } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import { canaryName } from "../../functions/publish/with-canary.ts";
import { createFunction } from "./bundled-function.ts";
import { canaryPort, type FrontEnd } from "./front-end.ts";
import { allow } from "./grants.ts";
import { callEvery } from "./schedule.ts";

/** Where the canary mail goes, and by whom it is known. */
export interface CanaryNest {
  readonly queue: sqs.Queue;
  /** Nobody guesses it, so that nobody else can make a dead pipeline look alive. */
  readonly address: string;
}

const everyMinutes = 5;

export function createCanaryNest(scope: Construct, config: Config, service: string): CanaryNest {
  if (canaryName in config.endpoints || config.routes.some(({ name }) => name === canaryName))
    throw new Error(`the canary mail has the endpoint and the route ${canaryName}: give yours another name`);
  const queue = new sqs.Queue(new Construct(scope, "CanaryNest"), "Queue", {
    queueName: `${service}-${canaryName}`,
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.hours(1),
  });
  Validations.of(queue).acknowledge({
    id: "AwsSolutions-SQS3",
    reason: "Nobody reads it: that mail came this far is known when it is sent, and then it may go",
  });
  // The last part of the stack's ARN is a UUID of its own.
  const unguessable = Fn.select(2, Fn.split("/", Stack.of(scope).stackId));
  return { queue, address: `${canaryName}-${unguessable}@${config.hostname.toLowerCase()}` };
}

export interface CanaryDeps {
  readonly vpc: ec2.IVpc;
  readonly frontEnd: FrontEnd;
  readonly nest: CanaryNest;
  readonly service: string;
}

/**
 * A mail every few minutes, to the balancer, as everyone's. AWS lets nothing out to port 25, so it comes from within the
 * network, where the balancer's IPv6 addresses are local, by a listener of its own.
 */
export function createCanary(
  scope: Construct,
  { vpc, frontEnd, nest, service }: CanaryDeps,
): lambda.Function {
  const group = new ec2.SecurityGroup(new Construct(scope, "CanaryNetwork"), "Group", {
    vpc,
    description: "Mailchute: the canary",
    allowAllIpv6Outbound: true,
  });
  frontEnd.group.addIngressRule(group, ec2.Port.tcp(canaryPort), "the canary's mail");
  const { created, role } = createFunction(scope, "Canary", {
    functionName: `${service}-canary`,
    description: "Mailchute: sends a mail that must come back",
    entry: "functions/canary/handler.ts",
    memoryMb: 128,
    timeoutSeconds: 60,
    environment: {
      MAILCHUTE_CANARY_ADDRESS: nest.address,
      MAILCHUTE_CANARY_HOST: frontEnd.balancer.loadBalancerDnsName,
      MAILCHUTE_CANARY_PORT: String(canaryPort),
    },
    network: { vpc, group },
  });
  grantNetwork(role, `${service}-canary`);
  callEvery(everyMinutes, created);
  return created;
}

/** What Lambda itself does to put a function into a network; its code may do none of it. */
function grantNetwork(role: iam.IRole, functionName: string): void {
  const actions = [
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
  ].map((action) => `ec2:${action}`);
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason:
      "Network interfaces that do not exist yet have no ARN; the function's own code is denied all of it",
  });
  allow(role, actions, ["*"]);
  const resourceName = functionName;
  const own = Stack.of(role).formatArn({
    service: "lambda",
    resource: "function",
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions,
      resources: ["*"],
      conditions: { ArnEquals: { "lambda:SourceFunctionArn": [own] } },
    }),
  );
}
