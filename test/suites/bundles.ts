/**
 * Every deployable unit as it is deployed: one bundled file, alone in an empty folder, before a server that speaks S3 and
 * SQS. What one gives is the next one's event: `node --test test/suites/bundles.ts`.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { createClients } from "../../functions/aws/clients.ts";
import { configKey } from "../../functions/aws/config.ts";
import { awsDeps } from "../../functions/aws/deps.ts";
import { readAwsSettings } from "../../functions/aws/settings.ts";
import { type ConfigInput, parseConfig } from "../../functions/mail/config.ts";
import { rawKey } from "../../functions/mail/keys.ts";
import type { IncomingMessage } from "../../functions/mail/ports.ts";
import { withCanary } from "../../functions/publish/with-canary.ts";
import { listen } from "../../infra/local/listen.ts";
import { deadLetterQueueName, pipeline } from "../../infra/pipeline.ts";
import { emulatedIdentity } from "../aws/emulated.ts";
import { startScripted } from "../aws/scripted.ts";
import { startFrontEnd } from "../deploy/front-end.ts";
import { createLambda } from "../deploy/lambda.ts";
import { startFauxqs } from "../support/fauxqs.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";

Object.assign(process.env, emulatedIdentity);
const { endpoint, close } = await startFauxqs();
after(close);
const { path: folder, remove } = createTemporaryFolder();
after(remove);

const bucket = "mail";
const billing = `arn:aws:sqs:${emulatedIdentity.AWS_REGION}:000000000000:billing`;
const config: ConfigInput = {
  hostname: "mx.example.com",
  endpoints: { billing: { queue: billing } },
  routes: [{ name: "rest", when: { recipient: "*@example.com" }, to: ["billing"] }],
};
const canary = { address: "canary-1@mx.example.com", queue: billing };
const { s3, sqs } = createClients(readAwsSettings({ MAILCHUTE_BUCKET: bucket, AWS_ENDPOINT_URL: endpoint }));
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
const names = ["billing", ...pipeline.flatMap(({ stage }) => [stage, deadLetterQueueName(stage)])];
const urls: Record<string, string> = {};
for (const QueueName of names) {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName }));
  urls[QueueName] = QueueUrl;
}
const environment = {
  MAILCHUTE_BUCKET: bucket,
  MAILCHUTE_QUEUE_URLS: JSON.stringify(urls),
  AWS_ENDPOINT_URL: endpoint,
};
const { store, queue } = awsDeps(environment);

test("publish puts the config that lies beside it into the bucket, and tells CloudFormation", async () => {
  const answers: unknown[] = [];
  const server = createServer(async (request, response) => {
    answers.push(JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()));
    response.end();
  });
  const port = await listen(server, "127.0.0.1", 0);
  after(() => server.close());
  const publish = createLambda("functions/publish/handler.ts", join(folder, "publish"), {
    environment: {
      ...environment,
      MAILCHUTE_CANARY_ADDRESS: canary.address,
      MAILCHUTE_CANARY_QUEUE: canary.queue,
    },
    files: { "config.json": JSON.stringify(parseConfig(config)) },
  });
  const identity = { StackId: "stack", RequestId: "request", LogicalResourceId: "Config" };
  await publish.invoke({
    ...identity,
    RequestType: "Create",
    ResponseURL: `http://127.0.0.1:${port}/?signature=x`,
    ResourceType: "Custom::MailchuteConfig",
    ResourceProperties: {},
  });
  assert.deepEqual(answers, [{ ...identity, PhysicalResourceId: "config", Status: "SUCCESS" }]);
  const object = await store.get(configKey);
  const text = Buffer.concat(await Array.fromAsync(object?.body ?? [])).toString();
  assert.deepEqual(JSON.parse(text), JSON.parse(withCanary(JSON.stringify(parseConfig(config)), canary)));
});

let key = "";

test("the front end stores a mail, and the canary's", async () => {
  const frontEnd = await startFrontEnd(join(folder, "smtp"), environment);
  after(frontEnd.close);
  const { invoke } = createLambda("functions/canary/handler.ts", join(folder, "canary"), {
    environment: {
      MAILCHUTE_CANARY_ADDRESS: canary.address,
      MAILCHUTE_CANARY_HOST: "127.0.0.1",
      MAILCHUTE_CANARY_PORT: String(frontEnd.port),
    },
  });
  assert.match(String(await invoke({})), /^250 /);
  key = rawKey(await frontEnd.send({ to: "anne@example.com", subject: "Bundled" }));
  assert.notEqual(await store.get(key), null);
});

test("the audit asks the logs, and gives the number", async () => {
  const logs = await startScripted((_asked, count) => ({
    body: JSON.stringify(
      count === 0
        ? { queryId: "1" }
        : { status: "Complete", results: [[{ field: "unaccounted", value: "2" }]] },
    ),
  }));
  after(logs.close);
  const { invoke } = createLambda("functions/audit/handler.ts", join(folder, "audit"), {
    environment: {
      MAILCHUTE_SERVICE: "mailchute",
      MAILCHUTE_LOG_GROUPS: "/a,/b",
      AWS_ENDPOINT_URL: logs.endpoint,
    },
  });
  assert.equal(await invoke({}), 2);
});

const outlets = { parse: "validate", validate: "route", route: "deliver", deliver: "billing" } as const;
let event: SQSEvent = { Records: [] };

for (const { stage, entry } of pipeline) {
  test(`${stage} takes what comes before it, and gives what comes after`, async () => {
    if (stage === "parse") event = eventOf([{ body: notification(key) }]);
    const { invoke } = createLambda(entry, join(folder, stage), { environment });
    assert.deepEqual(await invoke(event), { batchItemFailures: [] });
    const messages = await queue(outlets[stage]).receive({
      max: 10,
      waitSeconds: 1,
      visibilityTimeoutSeconds: 60,
    });
    assert.equal(messages.length, 1);
    event = eventOf(messages);
  });
}

test("what comes out at the end is the mail that went in", () => {
  const { type, data } = JSON.parse(event.Records[0]?.body ?? "");
  assert.equal(type, "mail.received");
  assert.equal(rawKey(data.id), key);
  assert.equal(data.message.subject, "Bundled");
});

const notification = (key: string) =>
  JSON.stringify({
    Records: [{ eventName: "ObjectCreated:Put", s3: { bucket: { name: bucket }, object: { key } } }],
  });

function eventOf(messages: readonly Pick<IncomingMessage, "body">[]): SQSEvent {
  return {
    Records: messages.map(({ body }, index) => ({
      messageId: `message-${index}`,
      receiptHandle: "none",
      body,
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "0",
        SenderId: "none",
        ApproximateFirstReceiveTimestamp: "0",
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "none",
      awsRegion: emulatedIdentity.AWS_REGION,
    })),
  };
}
