import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Deployment } from "../deployment.ts";
import type { StorePrefix } from "../pipeline.ts";

/** All that is mail goes in the end; the config stays. */
const expiringPrefixes = [
  "raw",
  "attachments",
  "bodies",
  "quarantine",
  "deliveries",
  "claims",
  "message-ids",
] satisfies StorePrefix[];

/** The bucket that holds the mail. It outlives the stack. */
export function createMailBucket(
  scope: Construct,
  { encryption, isVersioned, keepDays }: Pick<Deployment, "encryption" | "isVersioned" | "keepDays">,
): s3.Bucket {
  const bucket = new s3.Bucket(scope, "Mail", {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: RemovalPolicy.RETAIN,
    versioned: isVersioned,
    ...encryptionOf(scope, encryption),
    lifecycleRules: [
      { id: "unfinished-uploads", abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ...expiringPrefixes.map((prefix) => ({
        id: prefix,
        prefix: `${prefix}/`,
        expiration: Duration.days(keepDays),
        ...(isVersioned ? { noncurrentVersionExpiration: Duration.days(keepDays) } : {}),
      })),
    ],
  });
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason:
      "An access log costs about as much as the mail; CloudTrail's data events are there for who wants one",
  });
  return bucket;
}

function encryptionOf(scope: Construct, encryption: Deployment["encryption"]) {
  if (encryption === "s3") return { encryption: s3.BucketEncryption.S3_MANAGED };
  const encryptionKey = new kms.Key(scope, "Key", {
    description: "Mailchute: the mail at rest",
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  // A bucket key asks KMS once for many objects.
  return { encryption: s3.BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true };
}
