import type * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import { deadLetterQueueName, type PipelineStage, pipeline } from "../pipeline.ts";
import { createFunction } from "./bundled-function.ts";
import type { CanaryNest } from "./canary.ts";
import { allow, grantConsume, grantStore } from "./grants.ts";
import { queueNamed, type StageQueues } from "./stage-queues.ts";

export interface StageDeps {
  readonly service: string;
  readonly bucket: s3.Bucket;
  readonly queues: StageQueues;
  readonly config: Config;
  readonly nest: CanaryNest;
  readonly secrets: readonly secretsmanager.Secret[];
}

/** A function for each stage, fed by its queue, record by record. */
export function createStages(scope: Construct, deps: StageDeps): readonly lambda.Function[] {
  return pipeline.map((stage) => createStage(scope, stage, deps));
}

function createStage(scope: Construct, props: PipelineStage, deps: StageDeps): lambda.Function {
  const { service, bucket, queues } = deps;
  const { stage, next } = props;
  const outlets = [deadLetterQueueName(stage), ...(next === null ? [] : [next])];
  const urls = [stage, ...outlets].map((name) => [name, queueNamed(queues, name).queueUrl]);
  const { created, role } = createFunction(scope, stage, {
    functionName: `${service}-${stage}`,
    description: `Mailchute: stage ${stage}`,
    entry: props.entry,
    memoryMb: props.memoryMb,
    timeoutSeconds: props.timeoutSeconds,
    environment: {
      MAILCHUTE_BUCKET: bucket.bucketName,
      MAILCHUTE_QUEUE_URLS: JSON.stringify(Object.fromEntries(urls)),
      MAILCHUTE_SERVICE: service,
      ...(stage === "deliver" ? { MAILCHUTE_SECRET_PREFIX: `${service}/` } : {}),
    },
  });
  const source = queueNamed(queues, stage);
  grantStore(role, bucket, props);
  grantConsume(role, source);
  allow(
    role,
    ["sqs:SendMessage"],
    outlets.map((name) => queueNamed(queues, name).queueArn),
  );
  if (stage === "deliver") grantEndpoints(role, deps);
  const mapping = new lambda.EventSourceMapping(created, "Source", {
    target: created,
    eventSourceArn: source.queueArn,
    batchSize: props.batchSize,
    reportBatchItemFailures: true,
  });
  mapping.node.addDependency(role);
  return created;
}

function grantEndpoints(role: iam.IRole, { config, nest, secrets }: StageDeps): void {
  const endpoints = Object.values(config.endpoints);
  const queues = endpoints.flatMap((endpoint) => ("queue" in endpoint ? [endpoint.queue] : []));
  allow(role, ["sqs:SendMessage"], [...queues, nest.queue.queueArn]);
  const buses = endpoints.flatMap((endpoint) => ("bus" in endpoint ? [endpoint.bus] : []));
  if (buses.length > 0) allow(role, ["events:PutEvents"], buses);
  if (secrets.length > 0) {
    allow(
      role,
      ["secretsmanager:GetSecretValue"],
      secrets.map(({ secretArn }) => secretArn),
    );
  }
}
