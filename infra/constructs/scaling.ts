import { CfnScalingPolicy } from "aws-cdk-lib/aws-applicationautoscaling";
import type * as ecs from "aws-cdk-lib/aws-ecs";
import type * as elb from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { Construct } from "constructs";
import type { Deployment } from "../deployment.ts";

const cpuTargetPercent = 50;

/** Half of what a task takes (`connectionsMax`): slow clients hold connections without CPU. */
export const connectionsTarget = 500;

interface Scaled {
  readonly service: ecs.FargateService;
  readonly clusterName: string;
  readonly balancer: elb.NetworkLoadBalancer;
  readonly targets: elb.NetworkTargetGroup;
  readonly tasks: Deployment["tasks"];
}

/** As many tasks as CPU and connections ask for, whichever asks for more. */
export function scaleTasks(
  scope: Construct,
  { service, clusterName, balancer, targets, tasks }: Scaled,
): void {
  const scaling = service.autoScaleTaskCount({ minCapacity: tasks.min, maxCapacity: tasks.max });
  scaling.scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: cpuTargetPercent });
  const loadBalancer = { name: "LoadBalancer", value: balancer.loadBalancerFullName };
  const targetGroup = { name: "TargetGroup", value: targets.targetGroupFullName };
  // The L2 construct takes a single metric, and this is one divided by another.
  const connections = new CfnScalingPolicy(scope, "Connections", {
    policyName: "Connections",
    policyType: "TargetTrackingScaling",
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: `service/${clusterName}/${service.serviceName}`,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: connectionsTarget,
      customizedMetricSpecification: {
        metrics: [
          { id: "perTask", expression: "connections / tasks", returnData: true },
          metricOf("connections", "ActiveFlowCount", [loadBalancer], "Average"),
          metricOf("tasks", "HealthyHostCount", [loadBalancer, targetGroup], "Maximum"),
        ],
      },
    },
  });
  connections.node.addDependency(scaling);
}

const metricOf = (
  id: string,
  metricName: string,
  dimensions: readonly { readonly name: string; readonly value: string }[],
  stat: string,
) => ({
  id,
  returnData: false,
  metricStat: { metric: { namespace: "AWS/NetworkELB", metricName, dimensions: [...dimensions] }, stat },
});
