import { Duration, IgnoreMode, RemovalPolicy, Validations } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import * as ecs from "aws-cdk-lib/aws-ecs";
import * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import * as logs from "aws-cdk-lib/aws-logs";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { logGroupOf } from "../../functions/aws/log.ts";
import type { Deployment } from "../deployment.ts";
import { logRetention, projectRoot } from "./bundled-function.ts";
import { allow, grantStore } from "./grants.ts";
import { scaleTasks } from "./scaling.ts";

export interface FrontEndDeps {
  readonly vpc: ec2.IVpc;
  readonly bucket: s3.Bucket;
  readonly deployment: Deployment;
  /** Null: the front end signs a certificate of its own. */
  readonly certificateArn: string | null;
}

export interface FrontEnd {
  readonly service: ecs.FargateService;
  readonly balancer: elb.NetworkLoadBalancer;
  readonly targets: elb.NetworkTargetGroup;
  /** Of the balancer. */
  readonly group: ec2.SecurityGroup;
  /** Of the balancer, one for each zone; none where a hosted zone's alias finds it. */
  readonly addresses: readonly ec2.CfnEIP[];
}

const smtpPort = 2525;
/** TLS from the first byte. */
const smtpsPort = 2465;
const healthPort = 8080;

/** The balancer's, for mail from within the network. */
export const canaryPort = 2525;
const containerName = "smtp";
const memoryMiB = 1024;

/**
 * A stop is: no new connections; the balancer lets those that are open go on for a minute; then SIGTERM, and what is
 * within DATA ends; and Fargate kills after two minutes at the latest.
 */
const drain = { balancerSeconds: 60, stopMs: 90_000, killSeconds: 120 } as const;

const imageSources = ["package.json", "package-lock.json", "functions", "infra/bundle.ts"];

export function createFrontEnd(scope: Construct, deps: FrontEndDeps): FrontEnd {
  const { vpc, deployment } = deps;
  const { balancer, group, addresses } = createBalancer(scope, deps);
  const cluster = new ecs.Cluster(scope, "Cluster", { vpc });
  const { clusterName } = cluster;
  Validations.of(cluster).acknowledge({
    id: "AwsSolutions-ECS4",
    reason: "The front end writes its own metrics; Container Insights would cost more than they do",
  });
  const tasks = new ec2.SecurityGroup(scope, "Tasks", {
    vpc,
    description: "Mailchute: the front end",
    allowAllIpv6Outbound: true,
  });
  tasks.addIngressRule(group, ec2.Port.tcp(smtpPort), "SMTP from the balancer");
  tasks.addIngressRule(group, ec2.Port.tcp(healthPort), "the balancer's health checks");
  const service = new ecs.FargateService(scope, "FrontEnd", {
    cluster: ecs.Cluster.fromClusterAttributes(scope, "ClusterByName", { clusterName, vpc }),
    taskDefinition: createTask(scope, deps),
    // Without a desired count, a deployment leaves the tasks at what the load asked for.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    assignPublicIp: true,
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    securityGroups: [tasks],
    healthCheckGracePeriod: Duration.seconds(60),
  });
  const targets = createTargets(scope, "Targets", { service, vpc, port: smtpPort });
  for (const port of deployment.ports.filter((one) => one !== 465)) {
    balancer.addListener(`Port${port}`, { port, defaultTargetGroups: [targets] });
  }
  balancer.addListener("Canary", { port: canaryPort, defaultTargetGroups: [targets] });
  if (deployment.ports.includes(465)) {
    tasks.addIngressRule(group, ec2.Port.tcp(smtpsPort), "SMTP under TLS from the balancer");
    const secure = createTargets(scope, "SecureTargets", { service, vpc, port: smtpsPort });
    balancer.addListener("Port465", { port: 465, defaultTargetGroups: [secure] });
  }
  scaleTasks(scope, { service, clusterName, balancer, targets, tasks: deployment.tasks });
  return { service, balancer, targets, group, addresses };
}

function createBalancer(scope: Construct, { vpc, deployment }: FrontEndDeps) {
  const group = new ec2.SecurityGroup(scope, "Balancer", {
    vpc,
    description: "Mailchute: the balancer before the front end",
    allowAllIpv6Outbound: true,
  });
  for (const port of deployment.ports) {
    group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port), "mail from the Internet");
    group.addIngressRule(ec2.Peer.anyIpv6(), ec2.Port.tcp(port), "mail from the Internet");
  }
  Validations.of(group).acknowledge({
    id: "AwsSolutions-EC23",
    reason: "Mail comes from everywhere: that is what an MX is for",
  });
  const { publicSubnets } = vpc;
  const addresses =
    deployment.hostedZone === undefined
      ? publicSubnets.map((_, index) => new ec2.CfnEIP(scope, `Address${index + 1}`, { domain: "vpc" }))
      : [];
  const subnetMappings = addresses.flatMap(({ attrAllocationId: allocationId }, index) => {
    const subnet = publicSubnets[index];
    return subnet === undefined ? [] : [{ subnet, allocationId }];
  });
  const balancer = new elb.NetworkLoadBalancer(scope, "Mx", {
    vpc,
    internetFacing: true,
    ipAddressType: elb.IpAddressType.DUAL_STACK,
    crossZoneEnabled: true,
    securityGroups: [group],
    ...(subnetMappings.length > 0
      ? { subnetMappings }
      : { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } }),
  });
  Validations.of(balancer).acknowledge({
    id: "AwsSolutions-ELB2",
    reason: "A network load balancer logs TLS listeners alone, and has none",
  });
  return { balancer, group, addresses };
}

function createTargets(
  scope: Construct,
  id: string,
  { service, vpc, port }: { service: ecs.FargateService; vpc: ec2.IVpc; port: number },
): elb.NetworkTargetGroup {
  return new elb.NetworkTargetGroup(scope, id, {
    vpc,
    port,
    protocol: elb.Protocol.TCP,
    targetType: elb.TargetType.IP,
    targets: [service.loadBalancerTarget({ containerName, containerPort: port })],
    // Not by PROXY: the balancer would send that header after the client's first bytes, and in SMTP the server begins.
    preserveClientIp: true,
    deregistrationDelay: Duration.seconds(drain.balancerSeconds),
    healthCheck: {
      protocol: elb.Protocol.HTTP,
      port: String(healthPort),
      // Whether it runs. A store that fails is answered 451, and must not have ECS end task after task over it.
      path: "/live",
      interval: Duration.seconds(10),
      healthyThresholdCount: 2,
    },
  });
}

function createTask(
  scope: Construct,
  { bucket, deployment, certificateArn }: FrontEndDeps,
): ecs.FargateTaskDefinition {
  const task = new ecs.FargateTaskDefinition(scope, "Task", {
    cpu: 256,
    memoryLimitMiB: memoryMiB,
    runtimePlatform: {
      cpuArchitecture: ecs.CpuArchitecture.ARM64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
  });
  Validations.of(task).acknowledge(
    { id: "AwsSolutions-ECS2", reason: "No variable is a secret: the bucket, a name, ports and limits" },
    {
      id: "AwsSolutions-IAM5[Resource::*]",
      reason: "ecr:GetAuthorizationToken, by which the execution role pulls the image, knows no resource",
    },
  );
  const logGroup = new logs.LogGroup(scope, "FrontEndLog", {
    logGroupName: logGroupOf(`${deployment.service}-smtp`),
    retention: logRetention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  task.addContainer(containerName, {
    image: ecs.ContainerImage.fromAsset(projectRoot, {
      file: "functions/smtp/Dockerfile",
      platform: Platform.LINUX_ARM64,
      // What the image is made of, and nothing else: a changed document makes no new image.
      exclude: ["*", ...imageSources.map((path) => `!${path}`)],
      ignoreMode: IgnoreMode.DOCKER,
    }),
    portMappings: [smtpPort, smtpsPort, healthPort].map((containerPort) => ({ containerPort })),
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(drain.killSeconds),
    // A log that is not taken must not hold the mail up.
    logging: ecs.LogDrivers.awsLogs({
      streamPrefix: "smtp",
      logGroup,
      mode: ecs.AwsLogDriverMode.NON_BLOCKING,
    }),
    environment: {
      MAILCHUTE_BUCKET: bucket.bucketName,
      MAILCHUTE_SERVICE: deployment.service,
      MAILCHUTE_SMTP_PORT: String(smtpPort),
      ...(deployment.ports.includes(465) ? { MAILCHUTE_SMTPS_PORT: String(smtpsPort) } : {}),
      MAILCHUTE_HEALTH_PORT: String(healthPort),
      MAILCHUTE_BUFFERED_BYTES_MAX: String((memoryMiB / 4) * 1024 * 1024),
      MAILCHUTE_STOP_MS: String(drain.stopMs),
      ...(certificateArn === null ? {} : { MAILCHUTE_TLS_SECRET: certificateArn }),
    },
  });
  grantStore(task.taskRole, bucket, { reads: ["config"], writes: ["raw"] });
  if (certificateArn !== null) allow(task.taskRole, ["secretsmanager:GetSecretValue"], [certificateArn]);
  return task;
}
