import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { serverLimits } from "../../functions/smtp/limits.ts";
import { keepDaysLowest } from "../../infra/deployment.ts";
import { pipeline, retentionDays } from "../../infra/pipeline.ts";
import { synthesise } from "./synthesised.ts";

const usual = synthesise();

for (const { stage, ...props } of pipeline) {
  test(`${stage}: a queue that keeps messages long enough, with a dead-letter queue that keeps them as long`, () => {
    usual.hasResourceProperties("AWS::SQS::Queue", {
      QueueName: `mailchute-${stage}`,
      VisibilityTimeout: props.visibilityTimeoutSeconds,
      MessageRetentionPeriod: retentionDays * 86_400,
      RedrivePolicy: { maxReceiveCount: props.receiveLimit, deadLetterTargetArn: Match.anyValue() },
    });
    usual.hasResourceProperties("AWS::SQS::Queue", {
      QueueName: `mailchute-${stage}-dead`,
      MessageRetentionPeriod: retentionDays * 86_400,
      RedrivePolicy: Match.absent(),
    });
  });

  test(`${stage}: a function on Node 24 and arm64, told of its own queues and no others`, () => {
    const urls = Object.values(usual.findResources("AWS::Lambda::Function"))
      .map(({ Properties }) => Properties)
      .filter(({ FunctionName }) => FunctionName === `mailchute-${stage}`)
      .map(({ Environment }) => JSON.stringify(Environment.Variables.MAILCHUTE_QUEUE_URLS));
    const told = urls.map((text) => [...text.matchAll(/\\"([a-z-]+)\\":/g)].map(([, name]) => name));
    assert.deepEqual(told, [[stage, `${stage}-dead`, ...(props.next === null ? [] : [props.next])]]);
    usual.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: `mailchute-${stage}`,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Timeout: props.timeoutSeconds,
      MemorySize: props.memoryMb,
    });
  });
}

test("functions log what they write, and little of what Lambda says of each call", () => {
  usual.allResourcesProperties("AWS::Lambda::Function", {
    LoggingConfig: { LogFormat: "JSON", SystemLogLevel: "WARN", ApplicationLogLevel: Match.absent() },
  });
});

test("every stage has an event source that takes back single records of a batch", () => {
  usual.resourceCountIs("AWS::Lambda::EventSourceMapping", pipeline.length);
  usual.allResourcesProperties("AWS::Lambda::EventSourceMapping", {
    FunctionResponseTypes: ["ReportBatchItemFailures"],
  });
});

/** Each kind of object that there is a key for, in the order of the file. */
const kinds = [...readFileSync("functions/mail/keys.ts", "utf8").matchAll(/folder\("([a-z-]+)"/g)].map(
  ([, kind]) => `${kind}/`,
);

const rows: readonly (readonly [sentence: string, check: (template: Template) => void])[] = [
  [
    "the bucket is private, encrypted, and stays when the stack goes",
    (template) =>
      template.hasResource("AWS::S3::Bucket", {
        DeletionPolicy: "Retain",
        UpdateReplacePolicy: "Retain",
        Properties: {
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [
              { ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
            ],
          },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          VersioningConfiguration: Match.absent(),
        },
      }),
  ],
  [
    "the bucket and every queue refuse what does not come by TLS",
    (template) => {
      const denied = Match.objectLike({
        Effect: "Deny",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
      const policy = { PolicyDocument: { Statement: Match.arrayWith([denied]) } };
      template.allResourcesProperties("AWS::S3::BucketPolicy", policy);
      template.allResourcesProperties("AWS::SQS::QueuePolicy", policy);
      template.resourceCountIs("AWS::SQS::QueuePolicy", 2 * pipeline.length + 1);
    },
  ],
  [
    "unfinished uploads go after a day, each kind of mail after its time, and the config stays",
    (template) =>
      template.hasResourceProperties("AWS::S3::Bucket", {
        LifecycleConfiguration: {
          Rules: [
            {
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              Id: "unfinished-uploads",
              Status: "Enabled",
            },
            ...kinds.map((Prefix) => ({
              Prefix,
              Id: Prefix.slice(0, -1),
              ExpirationInDays: 60,
              Status: "Enabled",
            })),
          ],
        },
      }),
  ],
  [
    "the bucket tells the queue of parse about raw mail and nothing else",
    (template) => {
      const [parse] = Object.keys(
        template.findResources("AWS::SQS::Queue", { Properties: { QueueName: "mailchute-parse" } }),
      );
      template.hasResourceProperties("AWS::S3::Bucket", {
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Event: "s3:ObjectCreated:*",
              Filter: { S3Key: { Rules: [{ Name: "prefix", Value: "raw/" }] } },
              Queue: { "Fn::GetAtt": [parse, "Arn"] },
            },
          ],
          LambdaConfigurations: Match.absent(),
        },
      });
    },
  ],
  [
    "a webhook's secret is made by Secrets Manager, in base64 of 24 to 64 bytes",
    (template) => {
      template.resourceCountIs("AWS::SecretsManager::Secret", 1);
      template.hasResourceProperties("AWS::SecretsManager::Secret", {
        Name: "mailchute/helpdesk",
        GenerateSecretString: { PasswordLength: 44, ExcludePunctuation: true },
        SecretString: Match.absent(),
      });
    },
  ],
  [
    "the network has two zones, both families of addresses, and no NAT gateway",
    (template) => {
      template.resourceCountIs("AWS::EC2::Subnet", 2);
      template.resourceCountIs("AWS::EC2::NatGateway", 0);
      template.hasResourceProperties("AWS::EC2::VPCEndpoint", { VpcEndpointType: "Gateway" });
      template.hasResourceProperties("AWS::ElasticLoadBalancingV2::LoadBalancer", {
        Type: "network",
        Scheme: "internet-facing",
        IpAddressType: "dualstack",
      });
    },
  ],
  [
    "the balancer listens on 25, and the front end sees the client's address",
    (template) => {
      template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", { Port: 25, Protocol: "TCP" });
      template.hasResourceProperties("AWS::ElasticLoadBalancingV2::TargetGroup", {
        TargetType: "ip",
        TargetGroupAttributes: Match.arrayWith([{ Key: "preserve_client_ip.enabled", Value: "true" }]),
      });
    },
  ],
  [
    "a deployment replaces at least two tasks on arm64, none before its successor is well, and goes back when it fails",
    (template) => {
      template.hasResourceProperties("AWS::ECS::Service", {
        LaunchType: "FARGATE",
        DesiredCount: Match.absent(),
        DeploymentConfiguration: {
          MinimumHealthyPercent: 100,
          MaximumPercent: 200,
          DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        },
      });
      template.hasResourceProperties("AWS::ApplicationAutoScaling::ScalableTarget", { MinCapacity: 2 });
      template.hasResourceProperties("AWS::ECS::TaskDefinition", {
        RuntimePlatform: { CpuArchitecture: "ARM64" },
        ContainerDefinitions: [Match.objectLike({ ReadonlyRootFilesystem: true })],
      });
    },
  ],
  [
    "only the balancer reaches the tasks",
    (template) => {
      const rules = Object.values(template.findResources("AWS::EC2::SecurityGroupIngress"));
      assert.deepEqual(rules.map(({ Properties }) => Properties.FromPort).toSorted(), [2525, 2525, 8080]);
      template.hasResourceProperties("AWS::EC2::SecurityGroupIngress", {
        FromPort: 2525,
        SourceSecurityGroupId: Match.anyValue(),
        CidrIp: Match.absent(),
      });
    },
  ],
  [
    "the front end starts after the config is published",
    (template) => {
      const [config = ""] = Object.keys(template.findResources("Custom::MailchuteConfig"));
      template.hasResource("AWS::ECS::Service", { DependsOn: Match.arrayWith([config]) });
    },
  ],
];

for (const [sentence, check] of rows) test(sentence, () => check(usual));

test("the balancer drains before the front end stops, and the front end stops before it is killed", () => {
  const stopMs = serverLimits.stopMs;
  usual.hasResourceProperties("AWS::ElasticLoadBalancingV2::TargetGroup", {
    TargetGroupAttributes: Match.arrayWith([{ Key: "deregistration_delay.timeout_seconds", Value: "60" }]),
  });
  usual.hasResourceProperties("AWS::ECS::TaskDefinition", {
    ContainerDefinitions: [
      Match.objectLike({
        StopTimeout: 120,
        Environment: Match.arrayWith([{ Name: "MAILCHUTE_STOP_MS", Value: String(stopMs) }]),
      }),
    ],
  });
  assert.ok(stopMs < 120_000);
});

test("what a message needs outlives two times in a queue", () => {
  assert.ok(keepDaysLowest > 2 * retentionDays);
  assert.throws(() => synthesise({ keepDays: keepDaysLowest - 1 }));
});
