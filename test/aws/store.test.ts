import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createClients } from "../../functions/aws/clients.ts";
import { readAwsSettings } from "../../functions/aws/settings.ts";
import { createStore } from "../../functions/aws/store.ts";
import { describeError } from "../../functions/mail/errors.ts";
import type { ObjectStore } from "../../functions/mail/ports.ts";
import { emulatedEnvironment, emulatedIdentity } from "./emulated.ts";
import { type Answer, startScripted } from "./scripted.ts";

async function setUp(answer: Answer | ((count: number) => Answer)) {
  Object.assign(process.env, emulatedIdentity);
  const server = await startScripted((_asked, count) =>
    typeof answer === "function" ? answer(count) : answer,
  );
  after(server.close);
  const { s3 } = createClients(readAwsSettings(emulatedEnvironment(server.endpoint, "mail")));
  const put = async () => assert.fail("put");
  return { store: createStore({ client: s3, bucket: "mail", put }), server };
}

const refused = {
  status: 403,
  body: "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>",
};

const throwing: readonly (readonly [string, (store: ObjectStore) => Promise<unknown>, string])[] = [
  ["get", async (store) => store.get("key"), "s3 get key: Access Denied"],
  ["delete", async (store) => store.delete("key"), "s3 delete key: Access Denied"],
  ["list", async (store) => Array.fromAsync(store.list("raw/")), "s3 list raw/: Access Denied"],
];

for (const [what, act, reason] of throwing) {
  test(`a refused ${what} throws, and says what was asked and why it was not done`, async () => {
    const { store } = await setUp(refused);
    const error: unknown = await act(store).catch((thrown: unknown) => thrown);
    assert.equal(describeError(error), reason);
  });
}

test("a get is tried again where S3 is busy", async () => {
  const { store, server } = await setUp((count) => (count === 0 ? { status: 503 } : { body: "body" }));
  assert.equal((await store.get("key"))?.sizeBytes, 4);
  assert.equal(server.asked.length, 2);
});

test("a bucket that is gone is no missing object", async () => {
  const { store } = await setUp({
    status: 404,
    body: "<Error><Code>NoSuchBucket</Code><Message>No.</Message></Error>",
  });
  await assert.rejects(store.get("key"), { message: "s3 get key" });
});

test("a server that ignores a range is not believed", async () => {
  const { store } = await setUp({ body: "0123456789" });
  await assert.rejects(store.get("key", { start: 3 }), {
    message: "s3 get key",
    cause: new Error("an answer without body, size or range"),
  });
});

test("a body that breaks off throws where it is read", async () => {
  const { store } = await setUp({ body: "01234", isBrokenOff: true });
  const object = await store.get("key");
  assert.ok(object);
  await assert.rejects(Array.fromAsync(object.body), { message: "s3 get key: broken off" });
});

test("a body whose checksum differs throws where it is read", async () => {
  const { store } = await setUp({ headers: { "x-amz-checksum-crc32": "AAAAAA==" }, body: "01234" });
  const object = await store.get("key");
  assert.ok(object);
  await assert.rejects(Array.fromAsync(object.body), { message: "s3 get key: broken off" });
});

test("bodies returned before they are read hold no connection", async () => {
  const { store, server } = await setUp({
    headers: { "x-amz-checksum-crc32": "AAAAAA==" },
    body: "b".repeat(200_000),
  });
  for (let count = 0; count < 130; count++) {
    const object = await store.get("key");
    await object?.body[Symbol.asyncIterator]().return?.();
  }
  assert.equal(server.asked.length, 130);
});
