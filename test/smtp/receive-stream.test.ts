import assert from "node:assert/strict";
import { test } from "node:test";
import { envelopeBytesMetadata } from "../../functions/mail/envelope-block.ts";
import { rawKey } from "../../functions/mail/keys.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { envelope, good, receiveAll, settle, setUpReceive } from "../support/smtp-receive.ts";
import { storedMessages } from "../support/smtp-tcp-peer.ts";

const boundary = [
  ["a message of the limit is put whole", 100, "put"],
  ["one octet more is streamed", 101, "putStream"],
] as const;

for (const [sentence, sizeBytes, expected] of boundary) {
  test(sentence, async () => {
    const memory = createMemoryStore();
    const calls: string[] = [];
    const { begin } = setUpReceive({
      limits: { singlePutMaxBytes: 100 },
      store: {
        put: async (...given) => {
          calls.push("put");
          return memory.put(...given);
        },
        putStream: async (...given) => {
          calls.push("putStream");
          return memory.putStream(...given);
        },
      },
    });
    const octets = Buffer.alloc(sizeBytes, "x");
    const reception = begin();
    for (let at = 0; at < sizeBytes; at += 10) reception.write(octets.subarray(at, at + 10));
    assert.equal((await reception.finish({ ...good, sizeBytes })).code, 250);
    assert.deepEqual(calls, [expected]);
    assert.partialDeepStrictEqual(storedMessages(memory), [{ octets, envelope }]);
    assert.equal(memory.objects.size, 1);
    assert.equal(memory.objects.get(rawKey(reception.id))?.contentType, "message/rfc822");
    assert.ok(memory.objects.get(rawKey(reception.id))?.metadata?.[envelopeBytesMetadata]);
  });
}

test("a stream that fails in the midst is 451 at the end, and holds nothing meanwhile", async () => {
  const { begin, budget } = setUpReceive({
    limits: { singlePutMaxBytes: 4, streamBehindMaxBytes: 4 },
    store: {
      putStream: async () => {
        throw new Error("the disk is full");
      },
    },
  });
  const reception = receiveAll(begin(), ["123456"]);
  await settle();
  assert.equal(budget.usedBytes, 0);
  assert.equal(reception.write(Buffer.alloc(1000)), true);
  assert.equal(budget.usedBytes, 0);
  assert.equal((await reception.finish(good)).code, 451);
});

test("an aborted stream throws in the store, which keeps nothing", async () => {
  const { begin, memory, budget } = setUpReceive({ limits: { singlePutMaxBytes: 4 } });
  const reception = receiveAll(begin(), ["123456", "7"]);
  await settle();
  reception.abort();
  await settle();
  assert.equal(memory.objects.size, 0);
  assert.equal(budget.usedBytes, 0);
});

test("a stream that is behind makes its client wait until the store has caught up", async () => {
  const next = Promise.withResolvers<void>();
  const memory = createMemoryStore();
  const { begin, proceeded } = setUpReceive({
    limits: { singlePutMaxBytes: 10, streamBehindMaxBytes: 20 },
    store: {
      putStream: async (key, body, attributes) => {
        await next.promise;
        return memory.putStream(key, body, attributes);
      },
    },
  });
  const reception = begin();
  assert.equal(reception.write(Buffer.alloc(20)), true);
  assert.equal(reception.write(Buffer.alloc(1)), false);
  assert.equal(proceeded(), 0);
  next.resolve();
  await settle();
  assert.ok(proceeded() > 0);
  assert.equal(reception.write(Buffer.alloc(1)), true);
  assert.equal((await reception.finish(good)).code, 250);
  assert.equal(storedMessages(memory)[0]?.octets.length, 22);
});
