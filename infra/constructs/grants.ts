import { Stack, Validations } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as s3 from "aws-cdk-lib/aws-s3";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import type { StorePrefix } from "../pipeline.ts";

/** Of unknown size, and so put in parts: an upload that fails is aborted. */
const streamed: readonly StorePrefix[] = ["raw", "attachments"];

export interface StoreRights {
  readonly reads: readonly StorePrefix[];
  readonly writes: readonly StorePrefix[];
}

/** What a role may do in the bucket, by the kind of object. */
export function grantStore(role: iam.IRole, bucket: s3.Bucket, { reads, writes }: StoreRights) {
  const objects = (prefixes: readonly StorePrefix[]) =>
    prefixes.map((prefix) => bucket.arnForObjects(keysOf(prefix)));
  for (const prefix of new Set([...reads, ...writes])) acknowledgeKeys(role, bucket, prefix);
  if (reads.length > 0) {
    allow(role, ["s3:GetObject"], objects(reads));
    // Without it, what is not there is a 403 and not a 404.
    allow(role, ["s3:ListBucket"], [bucket.bucketArn]);
  }
  if (writes.length > 0) allow(role, ["s3:PutObject"], objects(writes));
  const inParts = writes.filter((prefix) => streamed.includes(prefix));
  if (inParts.length > 0) allow(role, ["s3:AbortMultipartUpload"], objects(inParts));
  if (bucket.encryptionKey !== undefined) {
    const { keyArn } = bucket.encryptionKey;
    // S3 decrypts the parts of an upload to put them together.
    if (reads.length > 0 || inParts.length > 0) allow(role, ["kms:Decrypt"], [keyArn]);
    if (writes.length > 0) allow(role, ["kms:GenerateDataKey"], [keyArn]);
  }
}

const keysOf = (prefix: StorePrefix) => (prefix === "config" ? "config/config.json" : `${prefix}/*`);

/** For cdk-nag, which takes every star for carelessness. */
function acknowledgeKeys(role: iam.IRole, bucket: s3.Bucket, prefix: StorePrefix): void {
  const { defaultChild } = bucket.node;
  if (!(defaultChild instanceof s3.CfnBucket) || prefix === "config") return;
  const finding = `Resource::<${Stack.of(bucket).getLogicalId(defaultChild)}.Arn>/${keysOf(prefix)}`;
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[${finding}]`,
    reason: `Objects of the kind ${prefix} have ids for names; the role gets this kind alone`,
  });
}

/** What a stage's code and its event source do with the stage's own queue. */
export function grantConsume(role: iam.IRole, queue: sqs.Queue): void {
  const actions = ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"];
  allow(
    role,
    actions.map((action) => `sqs:${action}`),
    [queue.queueArn],
  );
}

export function allow(role: iam.IRole, actions: string[], resources: string[]): void {
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources }));
}
