import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { makeSelfSigned } from "../../functions/smtp/self-signed.ts";
import { binaryHeader, ipv4Addresses, ipv6Addresses, withChecksum } from "../support/proxy-header.ts";
import { openSmtpClient } from "../support/smtp-client.ts";
import { strictConfig } from "../support/smtp-peer.ts";
import { startTestServer, testSecureContext } from "../support/smtp-server.ts";
import { codes, defences, transaction, until } from "../support/smtp-talk.ts";
import { storedMessages } from "../support/smtp-tcp-peer.ts";
import { createServerTime } from "../support/smtp-time.ts";

const options = { timeout: 10_000 };

const behindBalancer = (networks: readonly string[]) => () =>
  strictConfig({ proxyFrom: [...networks], earlyPipelining: "allow" });
const loopback = ["127.0.0.0/8"];

const textHeader = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\n";

const taken = [
  ["a client is who version 1 says", [textHeader], ["192.0.2.1", 56324]],
  ["whatever the cuts", ["PRO", "XY TCP4 192.0.2.1 198.51.100.1 56324 25\r", "\n"], ["192.0.2.1", 56324]],
  ["a client is who version 2 says", [withChecksum({ body: ipv4Addresses })], ["192.0.2.1", 56324]],
  ["by IPv6 too", [binaryHeader({ family: 0x21, body: ipv6Addresses })], ["2001:db8::1", 4660]],
] as const;

for (const [sentence, header, [remoteIp, remotePort]] of taken) {
  test(`row 80: from a listed balancer, ${sentence}`, options, async () => {
    const server = await startTestServer({}, { config: behindBalancer(loopback) });
    const client = await openSmtpClient(server.port);
    for (const part of header) {
      client.send(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.send(transaction);
    assert.equal((await codes(client, 5)).at(-1), "354 End d");
    client.send("x\r\n.\r\n");
    await codes(client, 1);
    await server.close();
    const [message] = storedMessages(server.store);
    assert.equal(message?.envelope.remoteIp, remoteIp);
    assert.equal(message?.envelope.remotePort, remotePort);
  });
}

test("LOCAL is the balancer itself", options, async () => {
  const server = await startTestServer({}, { config: behindBalancer(loopback) });
  const client = await openSmtpClient(server.port);
  client.send(Buffer.concat([binaryHeader({ command: 0x20, family: 0 }), Buffer.from(transaction)]));
  await codes(client, 5);
  client.send("x\r\n.\r\n");
  await codes(client, 1);
  await server.close();
  assert.equal(storedMessages(server.store)[0]?.envelope.remotePort, client.localPort);
});

const refused = [
  ["a balancer that is not listed", ["192.0.2.0/24"], textHeader],
  ["a client that is not listed, and sends none", ["192.0.2.0/24"], "EHLO client.test\r\n"],
  ["a malformed header", loopback, "PROXY TCP4 192.0.2.1\r\n"],
  ["a missing one", loopback, "EHLO client.test\r\n"],
  ["one that is too long", loopback, `PROXY UNKNOWN ${"x".repeat(100)}\r\n`],
] as const;

for (const [sentence, networks, octets] of refused) {
  test(`row 80: nothing is said to ${sentence}`, options, async () => {
    const server = await startTestServer({}, { config: behindBalancer(networks) });
    const client = await openSmtpClient(server.port);
    client.send(octets);
    assert.equal(await client.reply(), null);
    assert.equal(client.unread(), "");
    await server.close();
    assert.deepEqual(defences(server), [["proxy-header", 1]]);
  });
}

test("a header that does not come is waited for as long as a handshake", options, async () => {
  const time = createServerTime();
  const server = await startTestServer({}, { ...time.deps, config: behindBalancer(loopback) });
  const client = await openSmtpClient(server.port);
  client.send("PROXY TC");
  await until(() => server.connections() === 1);
  time.pass(29_999);
  assert.equal(server.connections(), 1);
  time.pass(1);
  assert.equal(await client.reply(), null);
  assert.equal(client.unread(), "");
  await server.close();
});

test("limits are for the client, not for its balancer", options, async () => {
  const { perAddress } = strictConfig().smtp;
  const config = () =>
    strictConfig({ proxyFrom: loopback, perAddress: { ...perAddress, connectionsMax: 1 } });
  const server = await startTestServer({}, { config });
  const greeted = async (ip: string) => {
    const client = await openSmtpClient(server.port);
    client.send(`PROXY TCP4 ${ip} 198.51.100.1 56324 25\r\n`);
    return (await codes(client, 1))[0];
  };
  assert.deepEqual(
    [await greeted("192.0.2.1"), await greeted("192.0.2.2"), await greeted("192.0.2.1")],
    ["220 mx.te", "220 mx.te", "421 4.7.0"],
  );
  await server.close();
});

test("a server that stops does not wait for a header", options, async () => {
  const server = await startTestServer({}, { config: behindBalancer(loopback) });
  const client = await openSmtpClient(server.port);
  await until(() => server.connections() === 1);
  await server.close();
  assert.equal(await client.reply(), null);
});

test("smtps greets within TLS, and there is no more STARTTLS", options, async () => {
  const context = await testSecureContext();
  const server = await startTestServer({}, { secureContext: () => context });
  const { port } = await server.listen(0, "127.0.0.1", "smtps");
  const client = await openSmtpClient(port);
  await client.startTls();
  client.send(transaction);
  assert.equal((await codes(client, 1))[0], "220 mx.te");
  assert.doesNotMatch((await client.reply()) ?? "", /STARTTLS/);
  await codes(client, 3);
  client.send("x\r\n.\r\n");
  assert.deepEqual(await codes(client, 1), ["250 2.0.0"]);
  await server.close();
  assert.equal(storedMessages(server.store)[0]?.envelope.tls?.version, "TLSv1.3");
});

test("smtps waits for the greeting like smtp", options, async () => {
  const context = await testSecureContext();
  const time = createServerTime();
  const config = () => strictConfig({ greetingDelayMs: 500 });
  const server = await startTestServer({}, { ...time.deps, config, secureContext: () => context });
  const { port } = await server.listen(0, "127.0.0.1", "smtps");
  const client = await openSmtpClient(port);
  await client.startTls();
  client.send("EHLO client.test\r\n");
  assert.deepEqual(await codes(client, 2), ["554 5.5.0", null]);
  await server.close();
});

test("behind a balancer, smtps reads the header before the handshake", options, async () => {
  const context = await testSecureContext();
  const server = await startTestServer(
    {},
    { config: behindBalancer(loopback), secureContext: () => context },
  );
  const { port } = await server.listen(0, "127.0.0.1", "smtps");
  const client = await openSmtpClient(port);
  client.send(textHeader);
  await client.startTls();
  assert.deepEqual(await codes(client, 1), ["220 mx.te"]);
  await server.close();
});

test("a client of smtps that speaks no TLS, or nothing, is let go without a word", options, async () => {
  const context = await testSecureContext();
  const time = createServerTime();
  const server = await startTestServer({}, { ...time.deps, secureContext: () => context });
  const { port } = await server.listen(0, "127.0.0.1", "smtps");
  const [loud, silent] = [await openSmtpClient(port), await openSmtpClient(port)];
  loud.send("EHLO client.test\r\n");
  assert.equal(await loud.reply(), null);
  await until(() => server.connections() === 1);
  time.pass(29_999);
  assert.equal(server.connections(), 1);
  time.pass(1);
  assert.equal(await silent.reply(), null);
  await server.close();
  assert.deepEqual(defences(server), [
    ["tls-handshake", 1],
    ["tls-handshake", 1],
  ]);
});

test("past the cap a client of smtps is let go without a word", options, async () => {
  const context = await testSecureContext();
  const server = await startTestServer({ connectionsMax: 0 }, { secureContext: () => context });
  const { port } = await server.listen(0, "127.0.0.1", "smtps");
  const client = await openSmtpClient(port);
  assert.equal(await client.reply(), null);
  assert.equal(client.unread(), "");
  await server.close();
});

test("a client gets the certificate of the name that it asks for", options, async () => {
  const [first, second] = await Promise.all(
    ["mx.test", "mx.second.test"].map(async (name) => createSecureContext(await makeSelfSigned(name))),
  );
  const secureContext = (name?: string) => (name === "mx.second.test" ? second : first) ?? null;
  const server = await startTestServer({}, { secureContext });
  const { port } = await server.listen(0, "127.0.0.1", "smtps");
  const named = async (name?: string) => (await openSmtpClient(port)).startTls(name);
  const byStartTls = await openSmtpClient(server.port);
  byStartTls.send("STARTTLS\r\n");
  await codes(byStartTls, 2);
  assert.deepEqual(
    [await named(), await named("mx.test"), await named("mx.second.test"), await named("else.test")],
    ["mx.test", "mx.test", "mx.second.test", "mx.test"],
  );
  assert.equal(await byStartTls.startTls("mx.second.test"), "mx.second.test");
  await server.close();
});
