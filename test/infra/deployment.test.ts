import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Match, type Template } from "aws-cdk-lib/assertions";
import type * as z from "zod";
import type { Deployment } from "../../infra/deployment.ts";
import { synthesise } from "./synthesised.ts";

const listener = "AWS::ElasticLoadBalancingV2::Listener";

const rows: readonly (readonly [string, z.input<typeof Deployment>, (template: Template) => void])[] = [
  [
    "encryption by KMS makes a key that is rotated",
    { encryption: "kms" },
    (template) => {
      template.hasResourceProperties("AWS::KMS::Key", { EnableKeyRotation: true });
      template.hasResourceProperties("AWS::S3::Bucket", {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } },
          ],
        },
      });
    },
  ],
  [
    "versions go with the mail",
    { isVersioned: true, keepDays: 90 },
    (template) =>
      template.hasResourceProperties("AWS::S3::Bucket", {
        VersioningConfiguration: { Status: "Enabled" },
        LifecycleConfiguration: {
          Rules: Match.arrayWith([
            Match.objectLike({
              Prefix: "raw/",
              ExpirationInDays: 90,
              NoncurrentVersionExpiration: { NoncurrentDays: 90 },
            }),
          ]),
        },
      }),
  ],
  [
    "port 587 is a listener of its own",
    { ports: [25, 587] },
    (template) => {
      template.resourceCountIs(listener, 3);
      template.hasResourceProperties(listener, { Port: 587 });
    },
  ],
  [
    "port 465 leads to the front end's port for TLS from the first byte",
    { ports: [25, 465] },
    (template) => {
      template.hasResourceProperties(listener, { Port: 465, Protocol: "TCP" });
      template.hasResourceProperties("AWS::ElasticLoadBalancingV2::TargetGroup", { Port: 2465 });
      template.hasResourceProperties("AWS::ECS::TaskDefinition", {
        ContainerDefinitions: [
          Match.objectLike({
            Environment: Match.arrayWith([{ Name: "MAILCHUTE_SMTPS_PORT", Value: "2465" }]),
          }),
        ],
      });
    },
  ],
  [
    "a network that is there is used",
    {
      vpc: {
        id: "vpc-0a1b2c",
        availabilityZones: ["eu-west-1a", "eu-west-1b"],
        publicSubnetIds: ["subnet-0a1b2c3d", "subnet-4e5f6a7b"],
      },
    },
    (template) => {
      template.resourceCountIs("AWS::EC2::VPC", 0);
      template.hasResourceProperties("AWS::ECS::Service", {
        NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ["subnet-0a1b2c3d", "subnet-4e5f6a7b"] } },
      });
    },
  ],
  [
    "with a hosted zone its records lead to the balancer, and what lies beyond it is told",
    { hostedZone: { id: "Z0123456789", name: "example.com" } },
    (template) => {
      template.resourceCountIs("AWS::EC2::EIP", 0);
      template.resourceCountIs("AWS::Route53::RecordSet", 2);
      template.hasResourceProperties("AWS::Route53::RecordSet", { Type: "A", Name: "mx.example.com." });
      template.hasResourceProperties("AWS::Route53::RecordSet", {
        Type: "MX",
        Name: "example.com.",
        ResourceRecords: ["10 mx.example.com."],
      });
      template.hasOutput("RecordsToMake", { Value: "example.org. MX 10 mx.example.com." });
    },
  ],
  [
    "without one the balancer's addresses stay, and the records to make are told",
    {},
    (template) => {
      template.resourceCountIs("AWS::EC2::EIP", 2);
      template.resourceCountIs("AWS::Route53::RecordSet", 0);
      const [output] = Object.values(template.findOutputs("RecordsToMake"));
      assert.match(
        JSON.stringify(output),
        /mx\.example\.com\. A .*PublicIp.*example\.com\. MX 10 mx\.example\.com\./,
      );
    },
  ],
  [
    "MTA-STS and TLS reports get their records in the zone, and beyond it they are told, as is the policy to serve",
    {
      hostedZone: { id: "Z0123456789", name: "example.com" },
      mtaSts: "testing",
      tlsReportsTo: "tls@example.com",
    },
    (template) => {
      template.hasResourceProperties("AWS::Route53::RecordSet", {
        Type: "TXT",
        Name: "_mta-sts.example.com.",
        ResourceRecords: [Match.stringLikeRegexp('^"v=STSv1; id=[0-9a-f]{32}"$')],
      });
      template.hasResourceProperties("AWS::Route53::RecordSet", {
        Type: "TXT",
        Name: "_smtp._tls.example.com.",
        ResourceRecords: ['"v=TLSRPTv1; rua=mailto:tls@example.com"'],
      });
      template.hasOutput("RecordsToMake", {
        Value: Match.stringLikeRegexp('_mta-sts\\.example\\.org\\. TXT "v=STSv1; id='),
      });
      template.hasOutput("MtaStsPolicy", {
        Value: "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n",
      });
    },
  ],
  [
    "IPv6 is published where that is asked for",
    { hostedZone: { id: "Z0123456789", name: "example.com" }, isIpv6Published: true },
    (template) =>
      template.hasResourceProperties("AWS::Route53::RecordSet", { Type: "AAAA", Name: "mx.example.com." }),
  ],
  [
    "every name begins with the service",
    { service: "post" },
    (template) => {
      template.allResourcesProperties("AWS::SQS::Queue", { QueueName: Match.stringLikeRegexp("^post-") });
      template.allResourcesProperties("AWS::Lambda::Function", {
        FunctionName: Match.stringLikeRegexp("^post-"),
      });
      template.allResourcesProperties("AWS::SecretsManager::Secret", {
        Name: Match.stringLikeRegexp("^post/"),
      });
    },
  ],
];

for (const [sentence, deployment, check] of rows) test(sentence, () => check(synthesise(deployment)));

const policyOf = (template: Template) =>
  String(template.findOutputs("MtaStsPolicy")["MtaStsPolicy"]?.["Value"]);

test("the documents show the policy that the stack says is to be served", () => {
  const policy = policyOf(synthesise({ mtaSts: "testing" }));
  assert.ok(readFileSync("docs/deploy.md", "utf8").includes(`\n\`\`\`\n${policy}\`\`\`\n`), policy);
});

const refused: readonly (readonly [string, z.input<typeof Deployment>])[] = [
  ["who insists on TLS has a certificate that senders trust", { mtaSts: "enforce" }],
  [
    "a certificate of its own making is none of these",
    { mtaSts: "enforce", certificate: "self-signed", hostedZone: { id: "Z0123456789", name: "example.com" } },
  ],
  ["one task is none while it is replaced", { tasks: { min: 1, max: 2 } }],
  ["the most tasks are not fewer than the least", { tasks: { min: 4, max: 3 } }],
  [
    "one zone is no spare",
    { vpc: { id: "vpc-0a", availabilityZones: ["a"], publicSubnetIds: ["subnet-0a1b2c3d"] } },
  ],
];

for (const [sentence, deployment] of refused)
  test(sentence, () => assert.throws(() => synthesise(deployment)));
