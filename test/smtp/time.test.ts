import assert from "node:assert/strict";
import { test } from "node:test";
import { lingerMs } from "../../functions/smtp/deadlines.ts";
import { serverLimits } from "../../functions/smtp/limits.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { openSmtpClient } from "../support/smtp-client.ts";
import { testConfig } from "../support/smtp-peer.ts";
import { startTestServer, testSecureContext } from "../support/smtp-server.ts";
import { codes, openInData } from "../support/smtp-talk.ts";
import { createServerTime } from "../support/smtp-time.ts";

const { deadlines } = testConfig().smtp;
const idleMs = deadlines.idleSeconds * 1000;
const dataBlockMs = deadlines.dataBlockSeconds * 1000;
const tlsHandshakeMs = deadlines.tlsHandshakeSeconds * 1000;

const options = { timeout: 10_000 };

test("row 36: an idle client hears 421 when its time is over, and no sooner", options, async () => {
  const time = createServerTime();
  const server = await startTestServer({}, time.deps);
  const client = await openSmtpClient(server.port);
  await codes(client, 1);
  time.pass(idleMs - 1);
  client.send("NOOP\r\n");
  assert.deepEqual(await codes(client, 1), ["250 2.0.0"]);
  time.pass(idleMs);
  time.pass(idleMs);
  assert.deepEqual(await codes(client, 2), ["421 4.4.2", null]);
  await server.close();
});

test("row 36: a client that stops within DATA hears 421, and its message is forgotten", options, async () => {
  const time = createServerTime();
  const server = await startTestServer({}, time.deps);
  const client = await openInData(server);
  time.pass(dataBlockMs);
  assert.deepEqual(await codes(client, 2), ["421 4.4.2", null]);
  await server.close();
  assert.equal(server.store.objects.size, 0);
  assert.equal(server.events[0]?.detail["reply"], "421 4.4.2 Idle too long");
});

test("row 58: a store that is late is 451, and the session goes on", options, async () => {
  const time = createServerTime();
  const [asked, marked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const put = (_key: string, body: readonly Uint8Array[]) => {
    (body.length > 0 ? asked : marked).resolve();
    return new Promise<never>(() => undefined);
  };
  const server = await startTestServer({}, { ...time.deps, store: { ...createMemoryStore(), put } });
  const client = await openInData(server);
  client.send("x\r\n.\r\nNOOP\r\n");
  await asked.promise;
  time.pass(serverLimits.storeDeadlineMs);
  await marked.promise;
  time.pass(serverLimits.abandonDeadlineMs);
  assert.deepEqual(await codes(client, 2), ["451 4.3.0", "250 2.0.0"]);
  await client.end();
  await server.close();
});

test("a client that never begins the handshake is dropped", options, async () => {
  const time = createServerTime();
  const context = await testSecureContext();
  const server = await startTestServer({}, { ...time.deps, secureContext: () => context });
  const client = await openSmtpClient(server.port);
  client.send("STARTTLS\r\n");
  assert.deepEqual(await codes(client, 2), ["220 mx.te", "220 2.0.0"]);
  time.pass(tlsHandshakeMs - 1);
  assert.equal(server.connections(), 1);
  time.pass(tlsHandshakeMs);
  assert.deepEqual(await codes(client, 1), [null]);
  await server.close();
});

test("a client that does not close after QUIT is dropped", options, async () => {
  const time = createServerTime();
  const server = await startTestServer({}, time.deps);
  const client = await openSmtpClient(server.port, { allowHalfOpen: true });
  client.send("QUIT\r\n");
  assert.deepEqual(await codes(client, 2), ["220 mx.te", "221 2.0.0"]);
  assert.equal(server.connections(), 1);
  time.pass(lingerMs);
  time.pass(lingerMs);
  await server.close();
  client.destroy();
});

test(
  "row 36: a server that stops says 421 to who is idle, and lets a message on its way arrive",
  options,
  async () => {
    const time = createServerTime();
    const server = await startTestServer({}, time.deps);
    const idle = await openSmtpClient(server.port);
    await codes(idle, 1);
    const busy = await openInData(server);
    const closed = server.close();
    assert.deepEqual(await codes(idle, 2), ["421 4.3.2", null]);
    await assert.rejects(openSmtpClient(server.port), { code: "ECONNREFUSED" });
    busy.send("x\r\n.\r\nNOOP\r\n");
    assert.deepEqual(await codes(busy, 2), ["250 2.0.0", "250 2.0.0"]);
    assert.deepEqual(await codes(busy, 2), ["421 4.3.2", null]);
    await closed;
    assert.equal(server.store.objects.size, 1);
  },
);

test("a message that does not arrive in time does not keep a server from stopping", options, async () => {
  const time = createServerTime();
  const server = await startTestServer({}, time.deps);
  const client = await openInData(server);
  const closed = server.close();
  time.pass(serverLimits.stopMs);
  await closed;
  assert.deepEqual(await codes(client, 1), [null]);
  assert.equal(server.store.objects.size, 0);
});
