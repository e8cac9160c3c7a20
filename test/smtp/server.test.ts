import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectStore } from "../../functions/mail/ports.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { openSmtpClient } from "../support/smtp-client.ts";
import { testConfig } from "../support/smtp-peer.ts";
import { startTestServer, testSecureContext } from "../support/smtp-server.ts";
import { codes, openInData, transaction } from "../support/smtp-talk.ts";
import { storedMessages } from "../support/smtp-tcp-peer.ts";

/** A store that answers when it is let. */
function createSlowStore() {
  const memory = createMemoryStore();
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const store: ObjectStore = {
    ...memory,
    put: async (...given) => {
      asked.resolve();
      await answered.promise;
      return memory.put(...given);
    },
  };
  return { memory, store, asked: asked.promise, answer: answered.resolve };
}

const options = { timeout: 10_000 };

test(
  "commands pipelined behind a message wait for the store, and none is answered before it",
  options,
  async () => {
    const { memory, store, asked, answer } = createSlowStore();
    const server = await startTestServer({}, { store });
    const client = await openInData(server);
    client.send("x\r\n.\r\nNOOP\r\nQUIT\r\n");
    await asked;
    assert.equal(memory.objects.size, 0);
    answer();
    assert.deepEqual(await codes(client, 4), ["250 2.0.0", "250 2.0.0", "221 2.0.0", null]);
    assert.equal(memory.objects.size, 1);
    await server.close();
  },
);

test("a client that is gone while its message is being stored loses nothing", options, async () => {
  const { memory, store, asked, answer } = createSlowStore();
  const server = await startTestServer({}, { store });
  const client = await openInData(server);
  client.send("x\r\n.\r\n");
  await asked;
  client.destroy();
  answer();
  await server.close();
  assert.deepEqual(
    storedMessages(memory).map(({ octets }) => octets.toString()),
    ["x\r\n"],
  );
});

test("a client that is gone within DATA leaves nothing, and an event that says so", options, async () => {
  const server = await startTestServer();
  const client = await openInData(server);
  client.send("half a message\r\n");
  await client.end();
  await server.close();
  assert.equal(server.store.objects.size, 0);
  assert.deepEqual(
    server.events.map(({ outcome, detail }) => [outcome, detail["reply"]]),
    [["refused", "connection lost"]],
  );
  assert.equal(server.events[0]?.detail["sizeBytes"], 16);
});

test("a client that is gone within a streamed message leaves nothing", options, async () => {
  const server = await startTestServer({ singlePutMaxBytes: 10 });
  const client = await openInData(server);
  client.send(`${"x".repeat(1000)}\r\n`);
  await client.end();
  await server.close();
  assert.equal(server.store.objects.size, 0);
});

test("a refused transaction is one event", options, async () => {
  const server = await startTestServer();
  const client = await openSmtpClient(server.port);
  client.send(
    "EHLO client.test\r\nMAIL FROM:<ann@client.test>\r\nRCPT TO:<a@b.test>\r\nRCPT TO:<c@b.test>\r\nRSET\r\n",
  );
  client.send(
    "MAIL FROM:<ann@client.test>\r\nRSET\r\nMAIL FROM:<ann@client.test> SIZE=99999999999\r\nQUIT\r\n",
  );
  await client.end();
  await server.close();
  assert.deepEqual(
    server.events.map(({ stage, outcome, id, detail }) => [
      stage,
      outcome,
      id,
      detail["reply"],
      detail["refusedRecipients"],
    ]),
    [
      ["smtp", "refused", null, "550 5.1.1 No such recipient here", 2],
      ["smtp", "refused", null, "552 5.3.4 The message is too large", 0],
    ],
  );
});

test("at the memory budget new DATA is 452, and the message on its way is stored", options, async () => {
  const memory = createMemoryStore();
  const begun = Promise.withResolvers<void>();
  const store: ObjectStore = {
    ...memory,
    putStream: async (...given) => {
      begun.resolve();
      return memory.putStream(...given);
    },
  };
  const server = await startTestServer({ maxBufferedBytes: 10, singlePutMaxBytes: 9 }, { store });
  const first = await openInData(server);
  first.send("0123456789");
  await begun.promise;
  const second = await openSmtpClient(server.port);
  second.send(transaction);
  assert.equal((await codes(second, 5)).at(-1), "452 4.3.1");
  first.send("\r\n.\r\n");
  assert.deepEqual(await codes(first, 1), ["250 2.0.0"]);
  second.send("DATA\r\n");
  assert.deepEqual(await codes(second, 1), ["354 End d"]);
  await second.end();
  await server.close();
});

test("a config that changes holds for the next recipient", options, async () => {
  let config = testConfig();
  const server = await startTestServer({}, { config: () => config });
  const client = await openSmtpClient(server.port);
  client.send("EHLO client.test\r\nMAIL FROM:<ann@client.test>\r\nRCPT TO:<bob@mx.test>\r\n");
  await codes(client, 4);
  config = { ...config, routes: [{ name: "new", when: { recipient: ["*@new.test"] }, to: ["inbox"] }] };
  client.send("RCPT TO:<bob@mx.test>\r\nRCPT TO:<bob@new.test>\r\n");
  assert.deepEqual(await codes(client, 2), ["550 5.1.1", "250 2.1.5"]);
  await server.close();
});

test("bare newlines are flagged from networks that are named", options, async () => {
  const config = testConfig();
  const exempt = { ...config, smtp: { ...config.smtp, bareNewlinesFlaggedFrom: ["127.0.0.0/8"] } };
  const server = await startTestServer({}, { config: () => exempt });
  const client = await openInData(server);
  client.send("a\nb\r\n.\r\n");
  assert.deepEqual(await codes(client, 1), ["250 2.0.0"]);
  assert.equal(storedMessages(server.store)[0]?.envelope.bareNewlines, true);
  await server.close();
});

test("plaintext in place of a handshake ends the connection", options, async () => {
  const context = await testSecureContext();
  const server = await startTestServer({}, { secureContext: () => context });
  const client = await openSmtpClient(server.port);
  client.send("STARTTLS\r\n");
  assert.deepEqual(await codes(client, 2), ["220 mx.te", "220 2.0.0"]);
  client.send("EHLO client.test\r\nMAIL FROM:<ann@client.test>\r\n");
  assert.deepEqual(await codes(client, 1), [null]);
  await server.close();
});

test("a throw of what the server asks costs one session", options, async () => {
  let isBroken = false;
  const config = () => {
    if (isBroken) throw new Error("no config");
    return testConfig();
  };
  const server = await startTestServer({}, { config });
  const client = await openSmtpClient(server.port);
  client.send("EHLO client.test\r\nMAIL FROM:<ann@client.test>\r\n");
  await codes(client, 3);
  isBroken = true;
  client.send("RCPT TO:<bob@mx.test>\r\n");
  assert.deepEqual(await codes(client, 1), [null]);
  assert.deepEqual(await codes(await openSmtpClient(server.port), 1), [null]);
  isBroken = false;
  assert.deepEqual(await codes(await openSmtpClient(server.port), 1), ["220 mx.te"]);
  assert.deepEqual(
    server.events.map(({ outcome, detail }) => [outcome, detail["reason"]]),
    [
      ["again", "no config"],
      ["again", "no config"],
    ],
  );
  await server.close();
});
