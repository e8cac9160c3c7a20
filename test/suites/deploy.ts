/**
 * The real app on an emulated AWS: `node --test test/suites/deploy.ts`, with MAILCHUTE_EMULATED_AWS the emulator's folder,
 * installed. It shows that references resolve and that bundles, environment, wiring and dead letters fit together; it
 * enforces no IAM, and runs no container.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import { createClients } from "../../functions/aws/clients.ts";
import { configKey } from "../../functions/aws/config.ts";
import { awsDeps } from "../../functions/aws/deps.ts";
import { createSecretsManager } from "../../functions/aws/secrets-manager.ts";
import { readAwsSettings } from "../../functions/aws/settings.ts";
import { type ConfigInput, parseConfig } from "../../functions/mail/config.ts";
import { pipeline } from "../../infra/pipeline.ts";
import { emulatedIdentity } from "../aws/emulated.ts";
import { createDocumented, isAwsHere } from "../deploy/documented.ts";
import { account, region, startEmulatedAws } from "../deploy/emulator.ts";
import { startFrontEnd } from "../deploy/front-end.ts";
import { notifyAsTheTemplateSays } from "../deploy/notify.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { startReceiver } from "../support/webhook-receiver.ts";

const aws = await startEmulatedAws(z.string().parse(process.env["MAILCHUTE_EMULATED_AWS"]));
after(aws.close);
const receiver = await startReceiver();
after(receiver.close);
const { path: folder, remove } = createTemporaryFolder();
after(remove);

const config: ConfigInput = {
  hostname: "mx.example.com",
  endpoints: { helpdesk: { url: receiver.url, allowPrivateAddress: true } },
  routes: [{ name: "replies", when: { recipient: "reply+{ticket}@example.com" }, to: ["helpdesk"] }],
};

Object.assign(process.env, emulatedIdentity);
const bucket = await deploy();
const queueUrl = (name: string) => `${aws.endpoint}/${account}/mailchute-${name}`;
const environment = {
  MAILCHUTE_BUCKET: bucket,
  MAILCHUTE_QUEUE_URLS: JSON.stringify(
    Object.fromEntries(
      ["canary", ...pipeline.flatMap(({ stage }) => [stage, `${stage}-dead`])].map((name) => [
        name,
        queueUrl(name),
      ]),
    ),
  ),
  AWS_ENDPOINT_URL: aws.endpoint,
};
const { store, queue } = awsDeps(environment);
const { s3 } = createClients(readAwsSettings(environment));
const secretsManager = createSecretsManager(aws.endpoint);
await notifyAsTheTemplateSays(s3, { bucket, assembly: join(folder, "app/cdk.out") });

const frontEnd = await startFrontEnd(join(folder, "front-end"), environment);
after(frontEnd.close);

let canaryAddress = "";

test("the config is published as it was checked, with a route for the canary before the others", async () => {
  const object = await store.get(configKey);
  const text = Buffer.concat(await Array.fromAsync(object?.body ?? [])).toString();
  const published = parseConfig(JSON.parse(text));
  const [canary, ...routes] = published.routes;
  assert.deepEqual({ ...published, endpoints: {}, routes }, { ...parseConfig(config), endpoints: {} });
  assert.deepEqual(Object.keys(published.endpoints), ["helpdesk", "canary"]);
  assert.equal(canary?.name, "canary");
  canaryAddress = canary.when?.recipient?.[0] ?? "";
});

test("a mail goes in by SMTP, and comes out of the deployed functions as a signed webhook", async () => {
  const { SecretString = "" } = await secretsManager.send(
    new GetSecretValueCommand({ SecretId: "mailchute/helpdesk" }),
  );
  receiver.secret = `whsec_${SecretString}`;
  const id = await frontEnd.send({ to: "reply+42@example.com", subject: "A question" });
  await receiver.until((received) => received.length === 1);
  assert.equal(receiver.forged, 0);
  const { type, data } = z
    .object({
      type: z.string(),
      data: z.object({
        id: z.string(),
        recipients: z.array(z.object({ route: z.string(), captures: z.record(z.string(), z.string()) })),
        message: z.object({ subject: z.string() }),
      }),
    })
    .parse(receiver.received[0]?.body);
  assert.deepEqual(
    { type, id: data.id, subject: data.message.subject, recipients: data.recipients },
    {
      type: "mail.received",
      id,
      subject: "A question",
      recipients: [{ route: "replies", captures: { ticket: "42" } }],
    },
  );
});

test("a canary mail comes back to a queue of its own", async () => {
  const id = await frontEnd.send({ to: canaryAddress, subject: "Canary" });
  const [came] = await queue("canary").receive({ max: 1, waitSeconds: 20, visibilityTimeoutSeconds: 60 });
  assert.equal(JSON.parse(came?.body ?? "{}").data?.id, id);
});

for (const { stage } of pipeline) {
  test(`what ${stage} can never read is in its dead-letter queue, with the reason`, async () => {
    await queue(stage).send([{ body: `no message of ${stage}` }]);
    const [dead] = await queue(`${stage}-dead`).receive({
      max: 1,
      waitSeconds: 20,
      visibilityTimeoutSeconds: 60,
    });
    assert.equal(dead?.body, `no message of ${stage}`);
    assert.equal(dead.attributes["stage"], stage);
    assert.match(dead.attributes["reason"] ?? "", /not JSON/);
  });
}

const documented = createDocumented({
  ...emulatedIdentity,
  AWS_ENDPOINT_URL: aws.endpoint,
  AWS_DEFAULT_REGION: region,
});
const runbook = "docs/runbook.md";
const guide = "docs/deploy.md";

test("documented commands work on the deployed stack: a mail is replayed, dead letters go back, a config is pushed", {
  timeout: 120_000,
}, async () => {
  const id = await frontEnd.send({ to: "reply+43@example.com", subject: "Once more" });
  await receiver.until((received) => received.length === 2);
  assert.equal(
    await documented.run(runbook, /^npx mailchute --stack mailchute replay <id>$/m, { "<id>": id }),
    `replayed ${id}\n`,
  );
  await receiver.until((received) => received.length === 3);
  await queue("deliver-dead").send([{ body: "no message of deliver" }]);
  assert.match(
    await documented.run(runbook, /^npx mailchute --stack mailchute redrive deliver$/m),
    /^redriven [1-9]/,
  );
  const config = { "mailchute.config.ts": join(folder, "config.json") };
  assert.match(
    await documented.run(
      guide,
      /^npx mailchute --stack mailchute config push mailchute\.config\.ts$/m,
      config,
    ),
    /is in force/,
  );
});

test("so do those of AWS's own: a secret is shown, a dead letter says why, a mail goes through again", {
  timeout: 120_000,
}, async (context) => {
  if (!isAwsHere()) return context.skip("NOT RUN: the command aws is not installed");
  const secret = await documented.run(guide, /^ *aws secretsmanager get-secret-value .+$/m);
  assert.equal(`whsec_${secret}`, `${receiver.secret}\n`);
  await queue("deliver").send([{ body: "nothing of deliver" }]);
  const isTold = async () =>
    (await documented.run(runbook, /^aws sqs receive-message .+$/m)).includes('"reason"');
  while (!(await isTold()));
  const id = await frontEnd.send({ to: "reply+44@example.com", subject: "Told of again" });
  await receiver.until((received) => received.length === 4);
  await documented.run(runbook, /^bucket=[^`]+(?=^```)/m, { "id=…": `id=${id}` });
  await receiver.until((received) => received.length === 5);
});

/** Gives the bucket's name. */
async function deploy(): Promise<string> {
  mkdirSync(join(folder, "app"));
  const configFile = join(folder, "config.json");
  writeFileSync(configFile, JSON.stringify(config));
  const { context } = z
    .object({ context: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync("cdk.json", "utf8")));
  writeFileSync(
    join(folder, "app/cdk.json"),
    JSON.stringify({
      app: `${process.execPath} ${resolve("infra/app.ts")}`,
      context: { ...context, mailchute: await surroundings() },
    }),
  );
  await aws.cdk(folder, ["bootstrap", `aws://${account}/${region}`]);
  await aws.cdk(
    join(folder, "app"),
    ["deploy", "--all", "--require-approval", "never", "--outputs-file", "outputs.json"],
    { MAILCHUTE_CONFIG: configFile },
  );
  const Outputs = z.object({ mailchute: z.object({ Bucket: z.string() }) });
  return Outputs.parse(JSON.parse(readFileSync(join(folder, "app/outputs.json"), "utf8"))).mailchute.Bucket;
}

/** With neither balancers with fixed addresses nor dual-stack networks of its own making, the emulator gets what it has. */
async function surroundings() {
  const zone = await ask(
    "route53",
    "/2013-04-01/hostedzone",
    '<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>example.com</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>',
  );
  const subnets = await ask("ec2", "/", "Action=DescribeSubnets&Version=2016-11-15");
  const allIn = (xml: string, tag: string) =>
    [...xml.matchAll(new RegExp(`<${tag}>([^<]+)</`, "g"))].map(([, text = ""]) => text);
  return {
    hostedZone: { id: allIn(zone, "Id")[0]?.replace("/hostedzone/", ""), name: "example.com" },
    vpc: {
      id: allIn(subnets, "vpcId")[0],
      publicSubnetIds: allIn(subnets, "subnetId").slice(0, 2),
      availabilityZones: allIn(subnets, "availabilityZone").slice(0, 2),
    },
  };
}

async function ask(service: string, path: string, body: string): Promise<string> {
  const scope = `Credential=test/20260101/${region}/${service}/aws4_request`;
  const response = await fetch(`${aws.endpoint}${path}`, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`,
      "content-type": service === "ec2" ? "application/x-www-form-urlencoded" : "text/xml",
    },
    body,
  });
  return response.text();
}
