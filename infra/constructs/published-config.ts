import { createHash } from "node:crypto";
import { CustomResource, Duration } from "aws-cdk-lib";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Config } from "../../functions/mail/config.ts";
import { createFunction } from "./bundled-function.ts";
import type { CanaryNest } from "./canary.ts";
import { grantStore } from "./grants.ts";

const timeoutSeconds = 60;

export interface PublishedDeps {
  readonly bucket: s3.Bucket;
  readonly service: string;
  readonly nest: CanaryNest;
}

/**
 * The config, at `config/config.json` in the bucket. It travels in the code of the function that puts it there, so that
 * its size is no matter, and a rollback puts the last one back.
 */
export function publishConfig(
  scope: Construct,
  config: Config,
  { bucket, service, nest }: PublishedDeps,
): CustomResource {
  const json = JSON.stringify(config);
  const { created, role } = createFunction(scope, "Publish", {
    functionName: `${service}-publish`,
    description: "Mailchute: puts the config into the bucket",
    entry: "functions/publish/handler.ts",
    files: { "config.json": json },
    memoryMb: 256,
    timeoutSeconds,
    environment: {
      MAILCHUTE_BUCKET: bucket.bucketName,
      MAILCHUTE_CANARY_ADDRESS: nest.address,
      MAILCHUTE_CANARY_QUEUE: nest.queue.queueArn,
    },
  });
  grantStore(role, bucket, { reads: [], writes: ["config"] });
  return new CustomResource(scope, "Config", {
    resourceType: "Custom::MailchuteConfig",
    serviceToken: created.functionArn,
    serviceTimeout: Duration.seconds(2 * timeoutSeconds),
    properties: { sha256: createHash("sha256").update(json).digest("hex") },
  });
}
