import { Fn, Validations } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import type { Construct } from "constructs";
import type { Deployment } from "../deployment.ts";

/**
 * Public subnets in two zones and no NAT gateway: the tasks have addresses of their own, their security group lets in
 * the balancer alone, and the store is reached through a gateway endpoint, which costs nothing.
 */
export function createVpc(scope: Construct, { vpc }: Pick<Deployment, "vpc">): ec2.IVpc {
  if (vpc !== undefined) {
    const { id: vpcId, ...subnets } = vpc;
    return ec2.Vpc.fromVpcAttributes(scope, "Vpc", { vpcId, ...subnets });
  }
  const made = new ec2.Vpc(scope, "Vpc", {
    // Told by position, they need not be looked up.
    availabilityZones: [Fn.select(0, Fn.getAzs()), Fn.select(1, Fn.getAzs())],
    ipProtocol: ec2.IpProtocol.DUAL_STACK,
    natGateways: 0,
    subnetConfiguration: [{ name: "public", subnetType: ec2.SubnetType.PUBLIC, cidrMask: 20 }],
    gatewayEndpoints: { s3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    restrictDefaultSecurityGroup: false,
  });
  Validations.of(made).acknowledge({
    id: "AwsSolutions-VPC7",
    reason: "Every connection to the front end is in its log; flow logs would cost more than the mail",
  });
  if (!isVpc(made)) throw new Error("no VPC");
  return made;
}

/** Under `exactOptionalPropertyTypes` CDK's class does not fit its interface: it says undefined where that says nothing. */
const isVpc = (construct: unknown): construct is ec2.IVpc => construct instanceof ec2.Vpc;
