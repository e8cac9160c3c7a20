import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from "aws-lambda";

export interface PublishDeps {
  readonly readConfig: () => Promise<Uint8Array>;
  readonly putConfig: (json: Uint8Array) => Promise<void>;
  readonly describeError: (error: unknown) => string;
}

/** CloudFormation takes an answer of at most 4 KB. */
const reasonMaxLength = 1000;

/** Puts the config into the bucket, and says how that went. A stack that goes leaves the config, as it leaves the mail. */
export async function publish(
  event: CloudFormationCustomResourceEvent,
  { readConfig, putConfig, describeError }: PublishDeps,
): Promise<CloudFormationCustomResourceResponse> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const common = { StackId, RequestId, LogicalResourceId, PhysicalResourceId: "config" };
  try {
    if (event.RequestType !== "Delete") await putConfig(await readConfig());
    return { ...common, Status: "SUCCESS" };
  } catch (error) {
    return { ...common, Status: "FAILED", Reason: describeError(error).slice(0, reasonMaxLength) };
  }
}
