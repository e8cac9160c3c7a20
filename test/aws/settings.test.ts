import assert from "node:assert/strict";
import { test } from "node:test";
import { type AwsSettings, type Environment, readAwsSettings } from "../../functions/aws/settings.ts";

const bucket = "mailchute-111122223333";

const right: readonly (readonly [string, Environment, Partial<AwsSettings>])[] = [
  [
    "a bucket is enough",
    { MAILCHUTE_BUCKET: bucket },
    {
      bucket,
      queueUrls: {},
      s3Endpoint: undefined,
      sqsEndpoint: undefined,
      secretsManagerEndpoint: undefined,
      secretPrefix: "mailchute/",
      service: "mailchute",
    },
  ],
  [
    "queues are found by name",
    { MAILCHUTE_BUCKET: bucket, MAILCHUTE_QUEUE_URLS: '{"parse":"https://sqs.example/1/parse"}' },
    { queueUrls: { parse: "https://sqs.example/1/parse" } },
  ],
  [
    "AWS's standard variables for endpoints hold",
    { MAILCHUTE_BUCKET: bucket, AWS_ENDPOINT_URL: "http://a:1", AWS_ENDPOINT_URL_SQS: "http://b:2" },
    { s3Endpoint: "http://a:1", sqsEndpoint: "http://b:2", secretsManagerEndpoint: "http://a:1" },
  ],
  [
    "Mailchute's own come first",
    { MAILCHUTE_BUCKET: bucket, AWS_ENDPOINT_URL_S3: "http://a:1", MAILCHUTE_S3_ENDPOINT: "http://c:3" },
    { s3Endpoint: "http://c:3" },
  ],
];

for (const [name, env, expected] of right) {
  test(name, () => {
    const settings: Readonly<Record<string, unknown>> = { ...readAwsSettings(env) };
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(settings[key], value, key);
  });
}

const wrong: readonly (readonly [string, Environment, string])[] = [
  [
    "no bucket",
    {},
    "MAILCHUTE_BUCKET is not set but must be the name of the bucket that holds the mail, such as mailchute-111122223333",
  ],
  [
    "a bucket in upper case",
    { MAILCHUTE_BUCKET: "Mail" },
    'MAILCHUTE_BUCKET is "Mail" but must be the name of the bucket that holds the mail, such as mailchute-111122223333',
  ],
  [
    "queue URLs that are not JSON",
    { MAILCHUTE_BUCKET: bucket, MAILCHUTE_QUEUE_URLS: "parse" },
    'MAILCHUTE_QUEUE_URLS is "parse" but must be JSON of queue names and URLs, such as {"parse":"https://sqs.eu-west-1.amazonaws.com/111122223333/parse"}',
  ],
  [
    "queue URLs that are none",
    { MAILCHUTE_BUCKET: bucket, MAILCHUTE_QUEUE_URLS: '{"parse":"parse"}' },
    'MAILCHUTE_QUEUE_URLS is "{\\"parse\\":\\"parse\\"}" but must be JSON of queue names and URLs, such as {"parse":"https://sqs.eu-west-1.amazonaws.com/111122223333/parse"}',
  ],
  [
    "two things at once",
    { MAILCHUTE_BUCKET: "", MAILCHUTE_S3_ENDPOINT: "127.0.0.1:9000" },
    'MAILCHUTE_BUCKET is "" but must be the name of the bucket that holds the mail, such as mailchute-111122223333; ' +
      'MAILCHUTE_S3_ENDPOINT is "127.0.0.1:9000" but must be an http or https URL, such as http://127.0.0.1:9000, or unset for AWS',
  ],
];

for (const [which, env, message] of wrong) {
  test(`${which}: the error names the variable, what it is, and what would be right`, () => {
    assert.throws(() => readAwsSettings(env), { message });
  });
}
