import assert from "node:assert/strict";
import { test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { bucketMaxAgeMs, openBucket } from "../../functions/aws/bucket.ts";

function setUp() {
  let nowMs = 0;
  let asked = 0;
  let failure: Error | undefined;
  const client = new S3Client({
    region: "eu-west-1",
    credentials: async () => {
      asked += 1;
      if (failure !== undefined) throw failure;
      // So near to its end that the SDK asks for new ones each time it is asked itself.
      return {
        accessKeyId: `key ${asked}`,
        secretAccessKey: "secret",
        expiration: new Date(Date.now() + 1000),
      };
    },
  });
  return {
    open: openBucket(client, { bucket: "mail", endpoint: undefined, now: () => nowMs }),
    pass: (ms: number) => {
      nowMs += ms;
    },
    fail: (error: Error | undefined) => {
      failure = error;
    },
  };
}

test("a bucket is where the SDK finds it", async () => {
  const { credentials, pathOf, ...address } = await setUp().open();
  const host = "mail.s3.eu-west-1.amazonaws.com";
  assert.deepEqual(address, { region: "eu-west-1", origin: `https://${host}`, host, isTls: true });
  assert.equal(credentials.secretAccessKey, "secret");
  assert.equal(pathOf("raw/a b"), "/raw/a%20b");
});

test("credentials are asked for once a minute, by all who open at the same time", async () => {
  const { open, pass } = setUp();
  const [first, second] = await Promise.all([open(), open()]);
  assert.equal(first, second);
  pass(bucketMaxAgeMs - 1);
  assert.equal(await open(), first);
  pass(1);
  assert.notEqual((await open()).credentials.accessKeyId, first.credentials.accessKeyId);
});

test("a bucket that could not be opened is opened the next time", async () => {
  const { open, fail } = setUp();
  fail(new Error("no role"));
  await assert.rejects(open(), /no role/);
  fail(undefined);
  assert.equal((await open()).region, "eu-west-1");
});
