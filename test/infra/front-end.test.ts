import { test } from "node:test";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { serverLimits } from "../../functions/smtp/limits.ts";
import { synthesise } from "./synthesised.ts";

const usual = synthesise();

const rows: readonly (readonly [sentence: string, check: (template: Template) => void])[] = [
  [
    "the balancer asks the health port whether a task runs",
    (template) => {
      template.hasResourceProperties("AWS::ElasticLoadBalancingV2::TargetGroup", {
        Port: 2525,
        HealthCheckProtocol: "HTTP",
        HealthCheckPort: "8080",
        HealthCheckPath: "/live",
      });
    },
  ],
  [
    "tasks come and go by CPU and by connections",
    (template) => {
      template.resourceCountIs("AWS::ApplicationAutoScaling::ScalingPolicy", 2);
      template.hasResourceProperties("AWS::ApplicationAutoScaling::ScalingPolicy", {
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: serverLimits.connectionsMax / 2,
          CustomizedMetricSpecification: {
            Metrics: Match.arrayWith([Match.objectLike({ Expression: "connections / tasks" })]),
          },
        },
      });
    },
  ],
];

for (const [sentence, check] of rows) test(sentence, () => check(usual));
