import assert from "node:assert/strict";
import { test } from "node:test";
import { inlineMaxBytes } from "../../infra/local/store/content.ts";
import { receive, type Setup, withSetup } from "./queue-setup.ts";

const eventsIn = async ({ queue }: Setup): Promise<unknown[]> =>
  (await receive(queue())).map(({ body }) => JSON.parse(body));

const keysIn = async (setup: Setup) =>
  (await receive(setup.queue())).map(({ body }) => /"key":"([^"]*)"/.exec(body)?.[1]);

async function* stream(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}

const cases: readonly (readonly [string, (setup: Setup) => Promise<void>])[] = [
  [
    "an object under the prefix sends an event in the shape of S3's",
    async (setup) => {
      await setup.embedded().store.put("raw/a b+é/(1).eml", [Buffer.from("12345")]);
      assert.deepEqual(await eventsIn(setup), [
        {
          Records: [
            {
              eventVersion: "2.1",
              eventSource: "aws:s3",
              awsRegion: "local",
              eventTime: "2026-01-01T00:00:00.000Z",
              eventName: "ObjectCreated:Put",
              s3: {
                s3SchemaVersion: "1.0",
                bucket: { name: "mailchute" },
                object: {
                  key: "raw/a+b%2B%C3%A9/(1).eml",
                  size: 5,
                  eTag: "00000000000000000000000000000001",
                  sequencer: "0000000000000001",
                },
              },
            },
          ],
        },
      ]);
    },
  ],
  [
    "an object elsewhere sends none",
    async (setup) => {
      await setup.embedded().store.put("attachments/1", []);
      await setup.embedded().store.put("rawest", []);
      assert.deepEqual(await eventsIn(setup), []);
    },
  ],
  [
    "every write sends one, and a write that found an object sends none",
    async (setup) => {
      const { store } = setup.embedded();
      await store.put("raw/1", []);
      await store.put("raw/1", [Buffer.alloc(inlineMaxBytes + 1)]);
      await store.put("raw/1", [], { ifAbsent: true });
      await store.putStream("raw/2", stream(Buffer.alloc(inlineMaxBytes + 1)));
      await store.delete("raw/2");
      assert.deepEqual((await keysIn(setup)).toSorted(), ["raw/1", "raw/1", "raw/2"]);
    },
  ],
  [
    "an event is there as soon as its object is, and stays after a restart",
    async (setup) => {
      await setup.embedded().store.put("raw/1", []);
      await setup.reopen();
      assert.deepEqual(await keysIn(setup), ["raw/1"]);
    },
  ],
  [
    "an event that was handled is not sent again after a restart",
    async (setup) => {
      await setup.embedded().store.put("raw/1", []);
      const [message] = await receive(setup.queue());
      await setup.queue().delete([message?.receiptHandle ?? ""]);
      await setup.reopen();
      assert.deepEqual(await keysIn(setup), []);
    },
  ],
  [
    "an event wakes a long poll",
    async (setup) => {
      const arrival = receive(setup.queue(), { waitSeconds: 20 });
      await setup.embedded().store.put("raw/1", []);
      assert.equal((await arrival).length, 1);
    },
  ],
  [
    "of many puts at the same time each object and each event is there",
    async (setup) => {
      const keys = Array.from({ length: 10 }, (_, n) => `raw/${n}`);
      await Promise.all(keys.map(async (key) => setup.embedded().store.put(key, [Buffer.from(key)])));
      assert.deepEqual((await keysIn(setup)).toSorted(), keys);
      assert.deepEqual(await Array.fromAsync(setup.embedded().store.list("raw/"), ({ key }) => key), keys);
    },
  ],
];

for (const [sentence, check] of cases) test(sentence, withSetup(check));

test("a notification to an undeclared queue is refused when the folder is opened", async () => {
  const notifications = [{ prefix: "raw/", queue: "none" }];
  await assert.rejects(async () => withSetup(async () => undefined, { notifications })(), /no queue none/);
});
