import assert from "node:assert/strict";
import { test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { openBucket } from "../../functions/aws/bucket.ts";
import { createObjectUrls } from "../../functions/aws/urls.ts";

const nowMs = Date.UTC(2013, 4, 24);
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

interface Given {
  readonly region?: string;
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly sessionToken?: string;
}

function setUp({ region = "us-east-1", bucket = "mail", endpoint, sessionToken }: Given) {
  const client = new S3Client({
    region,
    credentials: { ...credentials, ...(sessionToken === undefined ? {} : { sessionToken }) },
  });
  return createObjectUrls({
    open: openBucket(client, { bucket, endpoint, now: Date.now }),
    now: () => nowMs,
  });
}

const expiries = [
  ["expires when asked for", nowMs + 86_400_000, "86400"],
  ["lives at least as long as asked for", nowMs + 1_001, "2"],
  ["may live 7 days", nowMs + 604_800_000, "604800"],
  ["lives no longer than S3 allows", nowMs + 604_801_000, "604800"],
  ["that should have expired already lives a second", nowMs - 1, "1"],
] as const;

for (const [what, expiresAtMs, seconds] of expiries) {
  test(`a URL ${what}`, async () => {
    const { searchParams } = new URL(await setUp({}).sign("key", expiresAtMs));
    assert.equal(searchParams.get("X-Amz-Expires"), seconds);
  });
}

const addresses = [
  ["a region has its host", { region: "eu-west-1" }, "https://mail.s3.eu-west-1.amazonaws.com/raw/a%20b?"],
  [
    "a bucket with dots has no host that a certificate covers, so it is a path",
    { bucket: "mail.example.com" },
    "https://s3.us-east-1.amazonaws.com/mail.example.com/raw/a%20b?",
  ],
  [
    "an endpoint of one's own is kept",
    { endpoint: "http://127.0.0.1:9000/base" },
    "http://127.0.0.1:9000/base/mail/raw/a%20b?",
  ],
] as const;

for (const [name, given, start] of addresses) {
  test(name, async () => {
    const url = await setUp(given).sign("raw/a b", nowMs + 1000);
    assert.equal(url.slice(0, start.length), start);
    assert.match(url, /&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]{64}$/);
  });
}

test("a session's token is part of the URL", async () => {
  const { searchParams } = new URL(await setUp({ sessionToken: "to/ken==" }).sign("key", nowMs + 1000));
  assert.equal(searchParams.get("X-Amz-Security-Token"), "to/ken==");
});
