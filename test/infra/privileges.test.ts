import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as z from "zod";
import { pipeline } from "../../infra/pipeline.ts";
import { config, recordCalls } from "./recorded-calls.ts";
import { synthesise } from "./synthesised.ts";

const template = synthesise({}, config);

const Words = z.union([z.string().transform((word) => [word]), z.array(z.string())]);
const Policy = z.object({
  Roles: z.array(z.object({ Ref: z.string() })).length(1),
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.literal("Allow"),
        Action: Words,
        Resource: z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]),
      }),
    ),
  }),
});

const resources = z
  .record(z.string(), z.object({ Type: z.string(), Properties: z.looseObject({}).default({}) }))
  .parse(template.toJSON()["Resources"]);

/** What a resource is called in the calls: a kind of object, a queue, an endpoint, or an ARN as it is. */
function nameOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  const kind = /"\/([a-z-]+)\/(?:\*|config\.json)"/.exec(text)?.[1];
  if (kind !== undefined) return kind;
  const { Type, Properties } = resources[/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/.exec(text)?.[1] ?? ""] ?? {};
  switch (Type) {
    case "AWS::SQS::Queue":
      return String(Properties?.["QueueName"]).replace("mailchute-", "");
    case "AWS::SecretsManager::Secret":
      return String(Properties?.["Name"]).replace("mailchute/", "");
    case "AWS::S3::Bucket":
      return "bucket";
    case "AWS::Logs::LogGroup":
      return "log";
    default:
      return typeof resource === "string" ? resource : text;
  }
}

/** What the template lets a function or a task do, its log aside. */
function rightsOf(role: RegExp): string[] {
  const statements = Object.values(resources)
    .filter(({ Type }) => Type === "AWS::IAM::Policy")
    .map(({ Properties }) => Policy.parse(Properties))
    .filter(({ Roles }) => Roles.some(({ Ref }) => role.test(Ref)))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const lines = statements.flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((resource) => `${action} ${nameOf(resource)}`)),
  );
  return [...new Set(lines)].filter((line) => !line.startsWith("logs:")).toSorted();
}

const calls = await recordCalls();

/** What the event source does for the function, by the function's role. */
const polling = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

for (const { stage } of pipeline) {
  test(`the role of ${stage} may do what its code does, and nothing else`, () => {
    const wanted = [...(calls.get(stage) ?? []), ...polling.map((action) => `${action} ${stage}`)];
    assert.deepEqual(rightsOf(new RegExp(`^Mailchute${stage}Role`)), wanted.toSorted());
  });
}

test("the front end stores raw mail, deletes none, and reads the config", () => {
  assert.deepEqual(rightsOf(/^MailchuteTaskTaskRole/), [
    "s3:AbortMultipartUpload raw",
    "s3:GetObject config",
    "s3:ListBucket bucket",
    "s3:PutObject raw",
  ]);
});

test("who publishes the config may write it, and nothing else", () => {
  assert.deepEqual(rightsOf(/^MailchutePublishRole/), ["s3:PutObject config"]);
});

test("no role has a policy of AWS's own, which would grow without asking", () => {
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type === "AWS::IAM::Role") assert.equal(Properties["ManagedPolicyArns"], undefined);
  }
});

/** What the adapters ask AWS for, and the right that it takes: a new command belongs here, and into the recorded ports. */
const commands = {
  AbortMultipartUploadCommand: "s3:AbortMultipartUpload",
  ChangeMessageVisibilityCommand: "sqs:ChangeMessageVisibility",
  ChangeResourceRecordSetsCommand: "route53:ChangeResourceRecordSets",
  CompleteMultipartUploadCommand: "s3:PutObject",
  CreateMultipartUploadCommand: "s3:PutObject",
  DeleteMessageBatchCommand: "sqs:DeleteMessage",
  DeleteObjectCommand: "s3:DeleteObject",
  GetObjectCommand: "s3:GetObject",
  GetQueueAttributesCommand: "sqs:GetQueueAttributes",
  GetSecretValueCommand: "secretsmanager:GetSecretValue",
  HeadObjectCommand: "s3:GetObject",
  PutEventsCommand: "events:PutEvents",
  PutSecretValueCommand: "secretsmanager:PutSecretValue",
  ReceiveMessageCommand: "sqs:ReceiveMessage",
  SendMessageBatchCommand: "sqs:SendMessage",
  StartMessageMoveTaskCommand: "the operator's own right",
};

test("the recorded ports stand for every command that the adapters send", () => {
  const sources = readdirSync("functions/aws").map((file) => readFileSync(`functions/aws/${file}`, "utf8"));
  const sent = sources.flatMap((source) =>
    [...source.matchAll(/new (\w+Command)\(/g)].map(([, name]) => name),
  );
  const unknown = sent.filter((name) => name === undefined || !(name in commands));
  assert.deepEqual(unknown, []);
});
