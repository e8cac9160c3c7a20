import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { openBucket } from "../../functions/aws/bucket.ts";
import {
  amzDate,
  authorize,
  encodePath,
  encodeQuery,
  presign,
  type Signing,
} from "../../functions/aws/sigv4.ts";
import { startScripted } from "./scripted.ts";

// The examples that S3's documentation gives with their signatures ("Authenticating Requests: Using the
// Authorization Header" and "… Using Query Parameters").
const signing: Signing = {
  credentials: {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  },
  region: "us-east-1",
  date: "20130524T000000Z",
};
const host = "examplebucket.s3.amazonaws.com";
const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const welcome = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
const dated = { host, "x-amz-date": "20130524T000000Z" };

const examples = [
  [
    "GET Object",
    {
      method: "GET",
      path: encodePath("test.txt"),
      query: "",
      headers: { ...dated, range: "bytes=0-9", "x-amz-content-sha256": nothing },
      payloadHash: nothing,
    },
    "host;range;x-amz-content-sha256;x-amz-date",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  ],
  [
    "PUT Object",
    {
      method: "PUT",
      path: encodePath("test$file.text"),
      query: "",
      headers: {
        ...dated,
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": welcome,
      },
      payloadHash: welcome,
    },
    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  ],
  [
    "GET Bucket Lifecycle",
    {
      method: "GET",
      path: "/",
      query: encodeQuery({ lifecycle: "" }),
      headers: { ...dated, "x-amz-content-sha256": nothing },
      payloadHash: nothing,
    },
    "host;x-amz-content-sha256;x-amz-date",
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  ],
  [
    "List Objects",
    {
      method: "GET",
      path: "/",
      query: encodeQuery({ prefix: "J", "max-keys": "2" }),
      headers: { ...dated, "x-amz-content-sha256": nothing },
      payloadHash: nothing,
    },
    "host;x-amz-content-sha256;x-amz-date",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  ],
] as const;

for (const [name, request, names, signature] of examples) {
  test(`the documented example ${name} has the documented signature`, () => {
    assert.equal(
      authorize(request, signing),
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
    );
  });
}

test("the documented example of a presigned URL has the documented query", () => {
  assert.equal(
    presign({ method: "GET", path: "/test.txt", host }, 86_400, signing),
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
});

test("a query is in order of its names, not of its pairs", () => {
  assert.equal(encodeQuery({ "a-b": "1", a: "2", "a=": "3" }), "a=2&a-b=1&a%3D=3");
});

test("a date has no punctuation", () => assert.equal(amzDate(1_767_225_599_999), "20251231T235959Z"));

const sdk = { region: "eu-west-1", credentials: { ...signing.credentials, sessionToken: "to/ken==" } };

/** The SDK's own requests are the oracle: sent to a server that keeps them, and signed again from what it saw. */
test("whatever the key and metadata, the SDK signs the same", async () => {
  const server = await startScripted(() => ({}));
  after(server.close);
  const client = new S3Client({ ...sdk, endpoint: server.endpoint, forcePathStyle: true });
  const bucket = await openBucket(client, { bucket: "mail", endpoint: server.endpoint, now: Date.now })();
  const printable = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  const key = fc
    .string({ unit: "binary", minLength: 1, maxLength: 40 })
    .filter((text) => text.isWellFormed());
  await fc.assert(
    fc.asyncProperty(key, printable, fc.uint8Array(), async (Key, note, Body) => {
      await client.send(new PutObjectCommand({ Bucket: "mail", Key, Body, Metadata: { note: `x${note}x` } }));
      const { url = "", headers = {} } = server.asked.at(-1) ?? {};
      const { authorization = "" } = headers;
      const [path = "", query = ""] = url.split("?");
      const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? [];
      const again = authorize(
        {
          method: "PUT",
          path: bucket.pathOf(Key),
          query,
          headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
          payloadHash: String(headers["x-amz-content-sha256"]),
        },
        { ...sdk, date: String(headers["x-amz-date"]) },
      );
      assert.equal(bucket.pathOf(Key), path);
      assert.equal(query, "x-id=PutObject");
      assert.equal(again, authorization);
    }),
    { numRuns: 40 },
  );
});
