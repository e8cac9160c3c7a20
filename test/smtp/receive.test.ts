import assert from "node:assert/strict";
import { test } from "node:test";
import { abandonedMetadata } from "../../functions/mail/envelope-block.ts";
import { rawKey } from "../../functions/mail/keys.ts";
import type { ObjectStore } from "../../functions/mail/ports.ts";
import { serverLimits } from "../../functions/smtp/limits.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { envelope, good, receiveAll, settle, setUpReceive } from "../support/smtp-receive.ts";
import { storedMessages } from "../support/smtp-tcp-peer.ts";

test("a small message is one PUT that writes over nothing", async () => {
  const puts: unknown[] = [];
  const { begin, memory, events, budget } = setUpReceive();
  const { put } = memory;
  memory.put = async (key, body, options) => {
    puts.push([key, options?.ifAbsent, options?.contentType]);
    return put(key, body, options);
  };
  const reception = receiveAll(begin(), ["one\r\n", "\r\n"]);
  const reply = await reception.finish(good);
  assert.match(reception.id, /^[\da-f]{8}-[\da-f]{4}-7/);
  assert.equal(reply.wire, `250 2.0.0 Ok: stored as ${reception.id}\r\n`);
  assert.partialDeepStrictEqual(storedMessages(memory), [{ octets: Buffer.from("one\r\n\r\n"), envelope }]);
  assert.equal(memory.objects.size, 1);
  assert.deepEqual([...memory.objects.keys()], [rawKey(reception.id)]);
  assert.equal(budget.usedBytes, 0);
  assert.deepEqual(
    events.map(({ outcome, id }) => [outcome, id]),
    [["accepted", reception.id]],
  );
  assert.partialDeepStrictEqual(events[0]?.detail, {
    from: "ann@client.test",
    to: "bob@mx.test, eve@mx.test",
    recipients: 2,
    refusedRecipients: 1,
    sizeBytes: 6,
    remoteIp: "192.0.2.7",
    helo: "client.test",
    tls: null,
  });
});

test("bare newlines stand in the envelope of what was flagged", async () => {
  const { begin, memory } = setUpReceive();
  await receiveAll(begin(), ["a\nb\r\n"]).finish({ ...good, bareNewlines: true });
  assert.equal(storedMessages(memory)[0]?.envelope.bareNewlines, true);
});

test("a store that fails is 451, and the reason stands in the event alone", async () => {
  const { begin, events, budget } = setUpReceive({
    store: {
      put: async () => {
        throw new Error("the disk is full");
      },
    },
  });
  const reply = await receiveAll(begin(), ["x\r\n"]).finish(good);
  assert.equal(reply.wire, "451 4.3.0 Cannot store the message now, try again later\r\n");
  assert.deepEqual(
    events.map(({ outcome, detail }) => [outcome, detail["reason"]]),
    [["again", "the disk is full"]],
  );
  assert.equal(budget.usedBytes, 0);
});

/** A store whose first `put` waits, while the next ones are answered. */
function setUpLate({ isLost = false } = {}) {
  const late = Promise.withResolvers<void>();
  const memory = createMemoryStore();
  const put: ObjectStore["put"] = async (...given) => {
    // What a message is put with; its answer is lost, or it is not yet there.
    const isMessage = given[1].length > 0;
    if (isMessage && isLost) await memory.put(...given);
    if (isMessage) await late.promise;
    return memory.put(...given);
  };
  const { begin, clock, events } = setUpReceive({ store: { put } });
  const reception = receiveAll(begin(), ["x\r\n"]);
  const finished = reception.finish(good);
  const pass = (ms: number) => {
    clock.pass(ms);
    reception.tick(clock.now());
  };
  return { memory, key: rawKey(reception.id), finished, events, pass, arrive: late.resolve };
}

test("a store that is late is 451, and a mark stays in the message's place, whatever comes later", async () => {
  const { memory, key, finished, events, pass, arrive } = setUpLate();
  pass(serverLimits.storeDeadlineMs - 1);
  pass(1);
  assert.equal((await finished).code, 451);
  assert.equal(events[0]?.detail["reason"], "the store took too long");
  arrive();
  await settle();
  assert.deepEqual([...memory.objects.keys()], [key]);
  assert.deepEqual(memory.objects.get(key)?.metadata, { [abandonedMetadata]: "late" });
});

test("a message that is in the store, though its answer is late, is 250", async () => {
  const { memory, finished, events, pass } = setUpLate({ isLost: true });
  pass(serverLimits.storeDeadlineMs);
  assert.equal((await finished).code, 250);
  assert.equal(events[0]?.outcome, "accepted");
  assert.equal(storedMessages(memory)[0]?.octets.toString(), "x\r\n");
});

test("a store that does not answer for the mark either is 451 a minute later", async () => {
  const { begin, clock } = setUpReceive({ store: { put: () => new Promise(() => undefined) } });
  const reception = receiveAll(begin(), ["x\r\n"]);
  const finished = reception.finish(good);
  for (const ms of [serverLimits.storeDeadlineMs, serverLimits.abandonDeadlineMs]) {
    clock.pass(ms);
    reception.tick(clock.now());
    await settle();
  }
  assert.equal((await finished).code, 451);
});

test("a streamed message that is late finds the mark, and leaves it", async () => {
  const late = Promise.withResolvers<void>();
  const memory = createMemoryStore();
  const { begin, clock } = setUpReceive({
    limits: { singlePutMaxBytes: 1 },
    store: {
      put: memory.put,
      putStream: async (key, body, options) => {
        const chunks = await Array.fromAsync(body);
        await late.promise;
        await memory.put(key, chunks, options);
      },
    },
  });
  const reception = receiveAll(begin(), ["x\r\n"]);
  const finished = reception.finish(good);
  await settle();
  clock.pass(serverLimits.storeDeadlineMs);
  reception.tick(clock.now());
  assert.equal((await finished).code, 451);
  late.resolve();
  await settle();
  assert.deepEqual(memory.objects.get(rawKey(reception.id))?.metadata, { [abandonedMetadata]: "late" });
});

test("one moment before its deadline the store may still answer", async () => {
  const late = Promise.withResolvers<"stored">();
  const { begin, clock } = setUpReceive({ store: { put: () => late.promise } });
  const reception = receiveAll(begin(), ["x\r\n"]);
  const finished = reception.finish(good);
  clock.pass(serverLimits.storeDeadlineMs - 1);
  reception.tick(clock.now());
  late.resolve("stored");
  assert.equal((await finished).code, 250);
});

test("an object that is there already is this message: a try whose answer was lost", async () => {
  const { begin } = setUpReceive({ store: { put: async () => "exists" } });
  assert.equal((await receiveAll(begin(), ["x\r\n"]).finish(good)).code, 250);
});

test("at the memory budget a message waits, and a new one is not begun", async () => {
  const { begin, budget, proceeded } = setUpReceive({ limits: { maxBufferedBytes: 100 } });
  const [oldest, other] = [begin(), begin()];
  assert.equal(oldest.write(Buffer.alloc(50)), true);
  assert.equal(other.write(Buffer.alloc(49)), true);
  assert.equal(other.write(Buffer.alloc(1)), false);
  assert.throws(begin, assert.AssertionError);
  assert.equal(oldest.write(Buffer.alloc(10)), true);
  await oldest.finish(good);
  assert.equal(proceeded(), 1);
  await other.finish(good);
  assert.equal(budget.usedBytes, 0);
});
