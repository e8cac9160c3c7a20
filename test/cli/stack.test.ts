/** The commands on a deployed stack: real clients of S3, SQS and Secrets Manager, and what CloudFormation and the logs would say. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { createClients } from "../../functions/aws/clients.ts";
import { configKey } from "../../functions/aws/config.ts";
import { type Deployed, openDeployed } from "../../functions/aws/deployed.ts";
import { createLog } from "../../functions/aws/log.ts";
import { readAwsSettings } from "../../functions/aws/settings.ts";
import { type ConfigInput, parseConfig } from "../../functions/mail/config.ts";
import { rawKey } from "../../functions/mail/keys.ts";
import { pull, push, rotateSecret } from "../../infra/cli/config.ts";
import { doctor } from "../../infra/cli/doctor.ts";
import { CommandError } from "../../infra/cli/exit.ts";
import { explain, list, redrive, replay, show, wait } from "../../infra/cli/messages.ts";
import { type OpenStack, serveStack } from "../../infra/cli/stack/open-stack.ts";
import { listen } from "../../infra/local/listen.ts";
import { deadLetterQueueName, pipeline } from "../../infra/pipeline.ts";
import { emulatedIdentity } from "../aws/emulated.ts";
import { events, idOf } from "../local/inspector/events.ts";
import { startFauxqs } from "../support/fauxqs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

Object.assign(process.env, emulatedIdentity);

const config: ConfigInput = {
  hostname: "mx.example.com",
  endpoints: {
    app: { url: "https://app.example.com/hook" },
    canary: { queue: "arn:aws:sqs:us-east-1:000000000000:nest" },
  },
  routes: [
    { name: "canary", when: { recipient: "canary@mx.example.com" }, to: ["canary"] },
    { name: "rest", when: { recipient: "*@example.com" }, to: ["app"] },
  ],
};

/** The lines that the functions logged. */
const lines: string[] = [];
const log = createLog({ service: "mail", write: (line) => void lines.push(line), now: Date.now });
for (const event of [
  events.accepted(idOf(1)),
  events.parsed(idOf(1)),
  events.validated(idOf(1)),
  events.routed(idOf(1), { endpoint: "app" }),
  events.attempt(idOf(1), "delivered", { endpoint: "app" }),
  events.refused("550 5.1.1 No such recipient here"),
])
  log(event);
lines.push("START RequestId: what a Lambda says of itself");

/** Answers as CloudFormation and CloudWatch Logs do. */
const others = createServer(async (request, response) => {
  const body = Buffer.concat(await Array.fromAsync(request)).toString();
  const target = String(request.headers["x-amz-target"] ?? "");
  if (target.endsWith(".StartQuery")) return response.end(JSON.stringify({ queryId: "1" }));
  if (target.endsWith(".GetQueryResults")) {
    const results = lines.map((value, n) => [
      { field: "@message", value },
      { field: "@ptr", value: String(n) },
    ]);
    return response.end(JSON.stringify({ status: "Complete", results }));
  }
  if (new URLSearchParams(body).get("StackName") !== "mail") {
    response.writeHead(400, { "content-type": "text/xml" });
    return response.end(
      "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>",
    );
  }
  response.writeHead(200, { "content-type": "text/xml" });
  return response.end(
    "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>mail</StackName><Outputs><member><OutputKey>Bucket</OutputKey><OutputValue>the-mail</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>",
  );
});

let emulator: Awaited<ReturnType<typeof startFauxqs>>;
let env: Readonly<Record<string, string>>;
let clients: ReturnType<typeof createClients>;
let deployed: Deployed;
let stack: OpenStack;
const secrets: string[] = [];

before(async () => {
  emulator = await startFauxqs();
  env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${await listen(others, "127.0.0.1", 0)}`,
    MAILCHUTE_S3_ENDPOINT: emulator.endpoint,
    MAILCHUTE_SQS_ENDPOINT: emulator.endpoint,
  };
  clients = createClients(readAwsSettings({ ...env, MAILCHUTE_BUCKET: "the-mail" }));
  await clients.s3.send(new CreateBucketCommand({ Bucket: "the-mail" }));
  for (const { stage } of pipeline)
    for (const name of [stage, deadLetterQueueName(stage)])
      await clients.sqs.send(new CreateQueueCommand({ QueueName: `mail-${name}` }));
  const opened = (await openDeployed("mail", env)) ?? assert.fail("no stack");
  deployed = { ...opened, rotateSecret: async (endpoint) => void secrets.push(endpoint) };
  await deployed.store.put(configKey, [Buffer.from(JSON.stringify(config))]);
  stack = await serveStack(deployed, { fromMs: 0, resolve: async () => [] });
});
after(async () => {
  await stack.close();
  await emulator.close();
  others.closeAllConnections();
  others.close();
});

test("a stack that is not there is none", async () => {
  assert.equal(await openDeployed("other", env), null);
});

test("list, wait and show tell what the logs say", async () => {
  assert.match(
    (await list("is:delivered", 20, stack.api)).text,
    /delivered +ann@example\.org .*A question$/m,
  );
  assert.match((await list("is:refused", 20, stack.api)).text, /550 5\.1\.1/);
  assert.match((await wait(`id:${idOf(1)}`, { timeout: 1 }, stack.api)).text, /A question/);
  const { text } = await show(idOf(1), stack.api);
  assert.match(text, /^Verdict +spf=pass; dkim=pass example\.org; dmarc=pass; arc=none$/m);
  assert.match(text, /^Webhook app +delivered, 1 attempts, 204$/m);
});

test("a file is explained by the config of the stack", async (context) => {
  const file = join(temporaryFolder(context), "mail.eml");
  writeFileSync(file, "From: ann@example.org\r\n\r\ntext\r\n");
  const { text } = await explain(file, { to: ["help@example.com"], remoteIp: "192.0.2.1" }, stack.api);
  assert.match(text, /deliver to app by rest/);
});

const receive = (name: string) =>
  deployed.queue(name).receive({ max: 10, waitSeconds: 1, visibilityTimeoutSeconds: 60 });

test("a replay and a redrive go to the stack's queues", async () => {
  await deployed.store.put(rawKey(idOf(1)), [Buffer.from("raw")]);
  await replay(idOf(1), {}, stack.api);
  assert.match((await receive("parse"))[0]?.body ?? "", new RegExp(idOf(1)));
  await deployed.queue("route-dead").send([{ body: "a dead letter" }]);
  assert.equal((await redrive("route", stack.api)).text, "redriven 1");
  assert.equal((await receive("route"))[0]?.body, "a dead letter");
});

test("a config is pulled, and pushed without the canary being lost", async (context) => {
  assert.deepEqual(parseConfig((await pull(stack.api)).json), parseConfig(config));
  const file = join(temporaryFolder(context), "config.json");
  const write = (endpoints: ConfigInput["endpoints"], to: string) =>
    writeFileSync(
      file,
      JSON.stringify({
        ...config,
        endpoints,
        routes: [{ name: "new", when: { recipient: "*@example.com" }, to }],
      }),
    );
  write({ app: { url: "https://app.example.com/other" } }, "app");
  await push(file, stack.api);
  const object = await deployed.store.get(configKey);
  const stored = parseConfig(JSON.parse(Buffer.concat(await Array.fromAsync(object?.body ?? [])).toString()));
  assert.deepEqual(stored.routes.map(({ name }) => name).slice(0, 2), ["canary", "new"]);
  for (const [endpoint, words] of [
    [{ url: "https://else.example.com/" }, /cdk deploy makes its secret/],
    [{ queue: "arn:aws:sqs:us-east-1:000000000000:else" }, /cdk deploy makes its secret/],
    [{ sink: true }, /npm start alone has/],
  ] as const) {
    write({ other: endpoint }, "other");
    await assert.rejects(
      push(file, stack.api),
      (error) => error instanceof CommandError && words.test(error.message),
    );
  }
});

test("a webhook's secret is rotated, and there is none of a queue", async () => {
  await rotateSecret("app", stack.api);
  assert.deepEqual(secrets, ["app"]);
  await assert.rejects(rotateSecret("canary", stack.api), /no such webhook/);
});

test("the doctor looks at the config in force, the queues and the endpoints of the stack", async () => {
  const smtpServer = "127.0.0.1:1";
  const { text } = await doctor({
    api: stack.api,
    stack: "mail",
    smtpServer,
    configFile: null,
    domain: null,
  });
  assert.match(text, /^good +config +the one in force is right$/m);
  assert.match(text, /^good +queue deliver +0 messages$/m);
  assert.match(text, /^good +endpoint app +1 attempts, none failed$/m);
  assert.match(text, /^good +api +the stack mail answers$/m);
  assert.doesNotMatch(text, /npm start/);
});
