import assert from "node:assert/strict";
import { test } from "node:test";
import { Match } from "aws-cdk-lib/assertions";
import { exampleConfig, synthesise } from "./synthesised.ts";

const template = synthesise();

test("the canary alone reaches the balancer's other listener", () => {
  template.resourceCountIs("AWS::ElasticLoadBalancingV2::Listener", 2);
  const open = Object.values(template.findResources("AWS::EC2::SecurityGroup"))
    .flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? [])
    .map(({ FromPort, ToPort }) => `${FromPort}-${ToPort}`);
  assert.deepEqual(new Set(open), new Set(["25-25"]));
  template.hasResourceProperties("AWS::EC2::SecurityGroupIngress", {
    Description: "the canary's mail",
    FromPort: 2525,
    ToPort: 2525,
    SourceSecurityGroupId: Match.anyValue(),
    CidrIp: Match.absent(),
    CidrIpv6: Match.absent(),
  });
});

test("the canary sings every five minutes, from within the network, where IPv6 leads to the balancer", () => {
  const [canary = ""] = Object.keys(
    template.findResources("AWS::Lambda::Function", { Properties: { FunctionName: "mailchute-canary" } }),
  );
  template.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "mailchute-canary",
    VpcConfig: { Ipv6AllowedForDualStack: true },
    Environment: { Variables: Match.objectLike({ MAILCHUTE_CANARY_PORT: "2525" }) },
  });
  template.hasResourceProperties("AWS::Events::Rule", {
    ScheduleExpression: "rate(5 minutes)",
    Targets: [Match.objectLike({ Arn: { "Fn::GetAtt": [canary, "Arn"] } })],
  });
});

test("it is sent to whom the published config takes it for", () => {
  const addresses = Object.values(template.findResources("AWS::Lambda::Function"))
    .map(({ Properties }) => JSON.stringify(Properties.Environment.Variables.MAILCHUTE_CANARY_ADDRESS))
    .filter((address) => address !== undefined);
  assert.equal(addresses.length, 2);
  assert.equal(new Set(addresses).size, 1);
  assert.match(addresses[0] ?? "", /canary-.*AWS::StackId.*@mx\.example\.com/);
});

test("an endpoint or a route of its name is refused when the stack is made", () => {
  const { endpoints, routes } = exampleConfig;
  const canary = { sink: true } as const;
  assert.throws(
    () => synthesise({}, { ...exampleConfig, endpoints: { ...endpoints, canary } }),
    /another name/,
  );
  const named = routes.map((route) => ({ ...route, name: "canary" }));
  assert.throws(() => synthesise({}, { ...exampleConfig, routes: named }), /another name/);
});
