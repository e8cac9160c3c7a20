import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { awsDeps } from "../../functions/aws/deps.ts";
import { lambdaHandler } from "../../functions/aws/lambda.ts";
import { startFauxqs } from "../support/fauxqs.ts";
import { connect, emulatedEnvironment } from "./emulated.ts";
import { record } from "./fakes.ts";

const fauxqs = await startFauxqs();
after(fauxqs.close);
const { clients } = connect(fauxqs.endpoint);
await clients.s3.send(new CreateBucketCommand({ Bucket: "mail" }));
const { QueueUrl = "" } = await clients.sqs.send(new CreateQueueCommand({ QueueName: "parse" }));
const environment = {
  ...emulatedEnvironment(fauxqs.endpoint, "mail"),
  MAILCHUTE_QUEUE_URLS: JSON.stringify({ parse: QueueUrl }),
};

test("what is wired from the environment works together", async () => {
  const { store, queue, urls, now } = awsDeps(environment);
  assert.equal(store.bucket, "mail");
  assert.equal(await store.put("raw/a b", [Buffer.from("body")], { contentType: "text/plain" }), "stored");
  const answer = await fetch(await urls.sign("raw/a b", now() + 60_000));
  assert.equal(await answer.text(), "body");
  await queue("parse").send([{ body: "hello", attributes: { stage: "smtp" } }]);
  const received = await queue("parse").receive({ max: 10, waitSeconds: 1, visibilityTimeoutSeconds: 30 });
  assert.deepEqual(
    received.map(({ body, attributes, receiveCount }) => [body, attributes, receiveCount]),
    [["hello", { stage: "smtp" }, 1]],
  );
});

test("an environment that is wrong is an error at once", () => {
  assert.throws(() => awsDeps({}), /^Error: MAILCHUTE_BUCKET is not set/);
});

const event = { Records: [record("body")] };

test("elsewhere than on Lambda nothing is made until the first batch, and then once", async () => {
  Object.assign(process.env, environment);
  let made = 0;
  const handler = lambdaHandler(({ store }) => {
    made += 1;
    return async ({ Records }) => ({
      batchItemFailures: Records.map(() => ({ itemIdentifier: store.bucket })),
    });
  });
  assert.equal(made, 0);
  assert.deepEqual(await handler(event), { batchItemFailures: [{ itemIdentifier: "mail" }] });
  await handler(event);
  assert.equal(made, 1);
});

test("on Lambda everything is made while the function starts", async () => {
  process.env["AWS_LAMBDA_FUNCTION_NAME"] = "parse";
  const { promise, resolve } = Promise.withResolvers<string>();
  lambdaHandler(({ store }) => {
    resolve(store.bucket);
    return async () => ({ batchItemFailures: [] });
  });
  assert.equal(await promise, "mail");
  delete process.env["AWS_LAMBDA_FUNCTION_NAME"];
});

test("on Lambda a wrong environment fails every batch, so that its messages return", async () => {
  process.env["AWS_LAMBDA_FUNCTION_NAME"] = "parse";
  delete process.env["MAILCHUTE_BUCKET"];
  const handler = lambdaHandler(() => assert.fail("made"));
  await assert.rejects(handler(event), /MAILCHUTE_BUCKET is not set/);
  await assert.rejects(handler(event), /MAILCHUTE_BUCKET is not set/);
});
