import * as iam from "aws-cdk-lib/aws-iam";
import * as sns from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import type { Deployment } from "../deployment.ts";

export interface AlarmTopicDeps {
  readonly deployment: Deployment;
  readonly account: string;
}

/** The topic that the alarms tell, and no one else. */
export function createAlarmTopic(scope: Construct, { deployment, account }: AlarmTopicDeps): sns.Topic {
  const topic = new sns.Topic(scope, "Topic", {
    topicName: `${deployment.service}-alarms`,
    displayName: "Mailchute",
    enforceSSL: true,
  });
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    }),
  );
  if (deployment.alarmEmail !== undefined)
    topic.addSubscription(new EmailSubscription(deployment.alarmEmail));
  return topic;
}
