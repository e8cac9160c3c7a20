import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AssetHashType, DockerImage, Duration, RemovalPolicy } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { logGroupOf } from "../../functions/aws/log.ts";
import { bundle } from "../bundle.ts";

export interface BundledFunctionProps {
  readonly functionName: string;
  readonly description: string;
  /** The entry file, from the project's root; it exports `handler`. */
  readonly entry: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Text files that lie beside the code. */
  readonly files?: Readonly<Record<string, string>>;
  /** Left out: the function is in no network of ours. */
  readonly network?: { readonly vpc: ec2.IVpc; readonly group: ec2.ISecurityGroup };
}

export const projectRoot = join(import.meta.dirname, "../..");

export const logRetention = logs.RetentionDays.ONE_MONTH;

export interface BundledFunction {
  readonly created: lambda.Function;
  readonly role: iam.Role;
}

/** A Lambda of one entry file, bundled when the app is synthesised, with a role that may do nothing but write its log. */
export function createFunction(scope: Construct, id: string, props: BundledFunctionProps): BundledFunction {
  const within = new Construct(scope, id);
  const logGroup = new logs.LogGroup(within, "Log", {
    logGroupName: logGroupOf(props.functionName),
    retention: logRetention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new iam.Role(within, "Role", { assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com") });
  logGroup.grantWrite(role);
  const created = new lambda.Function(within, "Function", {
    functionName: props.functionName,
    description: props.description,
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: "index.handler",
    code: codeOf(props),
    role,
    logGroup,
    // Else Lambda adds three lines to every call, half as much again as what the stages write.
    loggingFormat: lambda.LoggingFormat.JSON,
    systemLogLevelV2: lambda.SystemLogLevel.WARN,
    memorySize: props.memoryMb,
    timeout: Duration.seconds(props.timeoutSeconds),
    environment: { NODE_OPTIONS: "--enable-source-maps", ...props.environment },
    ...networkOf(props),
  });
  return { created, role };
}

/** In the public subnets, which are all there are, a function has no public IPv4 address: it goes nowhere by it. */
function networkOf({ network }: BundledFunctionProps) {
  if (network === undefined) return {};
  return {
    vpc: network.vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    allowPublicSubnet: true,
    ipv6AllowedForDualStack: true,
    securityGroups: [network.group],
  };
}

/** The assets of two functions are told apart by their folder. */
function codeOf({ entry, files = {} }: BundledFunctionProps): lambda.Code {
  const path = join(projectRoot, entry);
  return lambda.Code.fromAsset(dirname(path), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry("none"), // Asked for by the type: tryBundle always bundles.
      local: {
        tryBundle: (folder) => {
          bundle(path, folder);
          for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
          return true;
        },
      },
    },
  });
}
