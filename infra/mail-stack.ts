import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Mailchute, type MailchuteProps } from "./constructs/mailchute.ts";

/** The stack that `cdk deploy` makes. */
export class MailStack extends Stack {
  constructor(scope: Construct, id: string, props: MailchuteProps & StackProps) {
    super(scope, id, props);
    const { bucketName, frontEnd } = new Mailchute(this, "Mailchute", props);
    new CfnOutput(this, "Bucket", { value: bucketName });
    new CfnOutput(this, "Cluster", { value: frontEnd.service.cluster.clusterName });
    new CfnOutput(this, "Service", { value: frontEnd.service.serviceName });
    new CfnOutput(this, "Balancer", { value: frontEnd.balancer.loadBalancerDnsName });
  }
}
