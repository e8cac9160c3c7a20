import { Duration } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { deadLetterQueueName, pipeline, retentionDays } from "../pipeline.ts";

/** By the name that the code knows them by: a stage's, and that with `-dead`. */
export type StageQueues = ReadonlyMap<string, sqs.Queue>;

const common = {
  encryption: sqs.QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  retentionPeriod: Duration.days(retentionDays),
} as const;

/** A queue and a dead-letter queue for each stage. Deliveries carry a group, which makes a standard queue a fair one. */
export function createStageQueues(scope: Construct, service: string): StageQueues {
  const within = new Construct(scope, "Queues");
  return new Map(
    pipeline.flatMap(({ stage, visibilityTimeoutSeconds, receiveLimit }) => {
      const deadName = deadLetterQueueName(stage);
      const dead = new sqs.Queue(within, deadName, { ...common, queueName: `${service}-${deadName}` });
      const queue = new sqs.Queue(within, stage, {
        ...common,
        queueName: `${service}-${stage}`,
        visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds),
        deadLetterQueue: { queue: dead, maxReceiveCount: receiveLimit },
      });
      return [
        [stage, queue],
        [deadName, dead],
      ] as const;
    }),
  );
}

export function queueNamed(queues: StageQueues, name: string): sqs.Queue {
  const queue = queues.get(name);
  if (queue === undefined) throw new Error(`no queue ${name}`);
  return queue;
}

/** Every raw message that is stored is told to the queue, by the bucket itself. */
export function notify(bucket: s3.Bucket, queue: sqs.Queue, account: string): void {
  // The bucket's ARN cannot stand here: S3 checks this policy before it makes the bucket.
  const { statementAdded, policyDependable } = queue.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal("s3.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    }),
  );
  const { defaultChild } = bucket.node;
  if (!(defaultChild instanceof s3.CfnBucket) || !statementAdded || policyDependable === undefined)
    throw new Error("the bucket cannot notify the queue");
  defaultChild.notificationConfiguration = {
    queueConfigurations: [
      {
        event: "s3:ObjectCreated:*",
        queue: queue.queueArn,
        filter: { s3Key: { rules: [{ name: "prefix", value: "raw/" }] } },
      },
    ],
  };
  defaultChild.node.addDependency(policyDependable);
}
