import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Match } from "aws-cdk-lib/assertions";
import * as z from "zod";
import { pipeline } from "../../infra/pipeline.ts";
import { config, recordCalls } from "./recorded-calls.ts";
import { synthesise } from "./synthesised.ts";

const template = synthesise({ hostedZone: { id: "Z0123456789", name: "mx.test" } }, config);

const Words = z.union([z.string().transform((word) => [word]), z.array(z.string())]);
const Policy = z.object({
  Roles: z.array(z.object({ Ref: z.string() })).length(1),
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.enum(["Allow", "Deny"]),
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
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Effect }) => Effect === "Allow");
  const lines = statements.flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((resource) => `${action} ${nameOf(resource)}`)),
  );
  return [...new Set(lines)].filter((line) => !line.endsWith(" log")).toSorted();
}

const calls = await recordCalls();

const networkActions = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** What the event source does for the function, by the function's role. */
const polling = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

for (const { stage } of pipeline) {
  test(`the role of ${stage} may do what its code does, and nothing else`, () => {
    const wanted = [
      ...(calls.get(stage) ?? []),
      ...polling.map((action) => `${action} ${stage}`),
      // The endpoint that the stack adds to those of the config.
      ...(stage === "deliver" ? ["sqs:SendMessage canary"] : []),
    ];
    assert.deepEqual(rightsOf(new RegExp(`^Mailchute${stage}Role`)), wanted.toSorted());
  });
}

test("the front end stores raw mail, deletes none, and reads the config", () => {
  assert.deepEqual(rightsOf(/^MailchuteTaskTaskRole/), [
    "s3:AbortMultipartUpload raw",
    "s3:GetObject config",
    "s3:ListBucket bucket",
    "s3:PutObject raw",
    "secretsmanager:GetSecretValue tls/certificate",
  ]);
});

test("who publishes the config may write it, and nothing else", () => {
  assert.deepEqual(rightsOf(/^MailchutePublishRole/), ["s3:PutObject config"]);
});

/** By the commands of the adapters that a handler imports. */
function actionsAskedBy(handler: string): string[] {
  const adapters = [...readFileSync(handler, "utf8").matchAll(/"\.\.\/aws\/([a-z-]+\.ts)"/g)];
  const sources = adapters.map(([, file]) => readFileSync(`functions/aws/${file}`, "utf8"));
  const names = sources.flatMap((source) => [...source.matchAll(/ (\w+Command|waitUntil\w+)\(/g)]);
  return [...new Set(names.map(([, name = ""]) => new Map(Object.entries(commands)).get(name) ?? name))];
}

const actionsOf = (role: RegExp) => [
  ...new Set(rightsOf(role).map((line) => line.slice(0, line.indexOf(" ")))),
];

for (const name of ["renew", "audit"]) {
  test(`the role of ${name} may do what the commands of its adapters need, and nothing else`, () => {
    const role = new RegExp(`^Mailchute${name}Role`, "i");
    assert.deepEqual(actionsOf(role).toSorted(), actionsAskedBy(`functions/${name}/handler.ts`).toSorted());
  });
}

test("who renews the certificate may change one record of one zone, and one secret", () => {
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: "route53:ChangeResourceRecordSets",
          Condition: {
            "ForAllValues:StringEquals": {
              "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.mx.test"],
              "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"],
              "route53:ChangeResourceRecordSetsActions": ["UPSERT", "DELETE"],
            },
          },
          Resource: {
            "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":route53:::hostedzone/Z0123456789"]],
          },
        }),
      ]),
    },
  });
  const secrets = rightsOf(/^MailchuteRenewRole/).filter((line) => line.startsWith("secretsmanager:"));
  assert.deepEqual(secrets, [
    "secretsmanager:GetSecretValue tls/certificate",
    "secretsmanager:PutSecretValue tls/certificate",
  ]);
});

test("the canary is put into the network by Lambda, and its own code may do nothing", () => {
  assert.deepEqual(actionsOf(/^MailchuteCanaryRole/), networkActions);
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Effect: "Deny",
          Action: networkActions,
          Condition: { ArnEquals: { "lambda:SourceFunctionArn": Match.anyValue() } },
        }),
      ]),
    },
  });
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
  GetQueryResultsCommand: "logs:GetQueryResults",
  DescribeStacksCommand: "the operator's own right",
  GetObjectCommand: "s3:GetObject",
  GetQueueAttributesCommand: "sqs:GetQueueAttributes",
  GetQueueUrlCommand: "the operator's own right",
  GetSecretValueCommand: "secretsmanager:GetSecretValue",
  HeadObjectCommand: "s3:GetObject",
  PutEventsCommand: "events:PutEvents",
  PutSecretValueCommand: "secretsmanager:PutSecretValue",
  ReceiveMessageCommand: "sqs:ReceiveMessage",
  SendMessageBatchCommand: "sqs:SendMessage",
  StartQueryCommand: "logs:StartQuery",
  waitUntilResourceRecordSetsChanged: "route53:GetChange",
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
