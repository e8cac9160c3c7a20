import assert from "node:assert/strict";
import { test } from "node:test";
import { lookUp } from "../../functions/smtp/client-names.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { openSmtpClient } from "../support/smtp-client.ts";
import { strictConfig } from "../support/smtp-peer.ts";
import { startTestServer } from "../support/smtp-server.ts";
import { codes, defences, transaction } from "../support/smtp-talk.ts";
import { storedMessages } from "../support/smtp-tcp-peer.ts";
import { createServerTime } from "../support/smtp-time.ts";

const { dns } = strictConfig().smtp;

type Zone = Readonly<Record<string, readonly string[] | "fails">>;

const createResolve = (zone: Zone) => async (name: string, type: string) => {
  const answer = zone[`${name} ${type}`];
  if (answer === undefined) throw Object.assign(new Error(`queryX ${name}`), { code: "ENOTFOUND" });
  if (answer === "fails") throw Object.assign(new Error(`queryX ${name}`), { code: "ESERVFAIL" });
  return [...answer];
};

const ip = "192.0.2.1";
const ptr = "1.2.0.192.in-addr.arpa PTR";

const names = [
  ["a name that leads back", ip, { [ptr]: ["mail.test"], "mail.test A": ["192.0.2.9", ip] }, "mail.test"],
  ["an address with no name", ip, {}, null],
  ["a name that leads elsewhere", ip, { [ptr]: ["mail.test"], "mail.test A": ["192.0.2.9"] }, null],
  ["a name that leads nowhere", ip, { [ptr]: ["mail.test"] }, null],
  [
    "a later name that leads back",
    ip,
    { [ptr]: ["a.test", "b.test"], "a.test A": "fails", "b.test A": [ip] },
    "b.test",
  ],
  [
    "a fourth name is not tried",
    ip,
    { [ptr]: ["a.test", "b.test", "c.test", "d.test"], "d.test A": [ip] },
    null,
  ],
  ["DNS that fails for the address", ip, { [ptr]: "fails" }, null],
  ["DNS that fails for the name", ip, { [ptr]: ["mail.test"], "mail.test A": "fails" }, null],
  ["a name that is none", ip, { [ptr]: ["mail.test)\r\nX: y"], "mail.test)\r\nX: y A": [ip] }, null],
  [
    "IPv6",
    "2001:db8::1",
    {
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR": ["mail.test"],
      "mail.test AAAA": ["2001:0db8:0::1"],
    },
    "mail.test",
  ],
] as const;

for (const [sentence, address, zone, expected] of names) {
  test(`the name of a client: ${sentence}`, async () => {
    const deps = { resolve: createResolve(zone), timers: createTimers() };
    const found = await lookUp(address, { ...dns, reverseName: true }, deps);
    assert.deepEqual(found, { remoteName: expected, blockLists: [] });
  });
}

const lists = [
  ["listed", ["127.0.0.2"], true],
  ["listed, with other answers", ["192.0.2.1", "127.0.0.10"], true],
  ["not by 127.0.0.1", ["127.0.0.1"], false],
  ["not by an answer that is an error", ["127.255.255.254"], false],
  ["not by another address", ["192.0.2.1"], false],
  ["not when DNS fails", "fails", false],
  ["not when there is no answer", undefined, false],
] as const;

for (const [sentence, answer, isListed] of lists) {
  test(`a client is ${sentence}`, async () => {
    const zone: Zone = answer === undefined ? {} : { "1.2.0.192.list.test A": answer };
    const deps = { resolve: createResolve(zone), timers: createTimers() };
    const found = await lookUp(ip, { ...dns, blockLists: ["other.test", "list.test"] }, deps);
    assert.deepEqual(found, { remoteName: null, blockLists: isListed ? ["list.test"] : [] });
  });
}

function createTimers() {
  const { after } = createFakeClock();
  return { after, every: () => () => undefined };
}

const options = { timeout: 10_000 };

test("DNS that never answers makes the greeting late, and no more", options, async () => {
  const time = createServerTime();
  const asked = Promise.withResolvers<void>();
  const resolve = () => {
    asked.resolve();
    return new Promise<never>(() => undefined);
  };
  const config = strictConfig({ dns: { ...dns, reverseName: true, blockLists: ["list.test"] } });
  const server = await startTestServer({}, { ...time.deps, config: () => config, resolve });
  const client = await openSmtpClient(server.port);
  await asked.promise;
  time.pass(dns.timeoutMs - 1);
  assert.equal(client.unread(), "");
  time.pass(1);
  assert.deepEqual(await codes(client, 1), ["220 mx.te"]);
  await server.close();
});

test("a client that is listed is refused, and counted", options, async () => {
  const config = strictConfig({ dns: { ...dns, blockLists: ["list.test"] } });
  const server = await startTestServer({}, { config: () => config, resolve: async () => ["127.0.0.2"] });
  const client = await openSmtpClient(server.port);
  client.send("EHLO client.test\r\n");
  assert.deepEqual(await codes(client, 2), ["554 No se", "503 5.5.1"]);
  await server.close();
  assert.deepEqual(defences(server), [["block-listed", 1]]);
});

test(
  "what DNS says stands in envelope, Received and event, where a listing is but flagged",
  options,
  async () => {
    const zone = {
      "1.0.0.127.in-addr.arpa PTR": ["localhost.test"],
      "localhost.test A": ["127.0.0.1"],
      "1.0.0.127.list.test A": ["127.0.0.2"],
    };
    const config = strictConfig({
      earlyPipelining: "allow",
      dns: { ...dns, reverseName: true, blockLists: ["list.test"], blockListed: "flag" },
    });
    const server = await startTestServer({}, { config: () => config, resolve: createResolve(zone) });
    const client = await openSmtpClient(server.port);
    client.send(transaction);
    await codes(client, 5);
    client.send("x\r\n.\r\n");
    assert.deepEqual(await codes(client, 1), ["250 2.0.0"]);
    await server.close();
    const [message] = storedMessages(server.store);
    assert.equal(message?.envelope.remoteName, "localhost.test");
    assert.deepEqual(message?.envelope.blockLists, ["list.test"]);
    const [object] = server.store.objects.values();
    assert.match(
      object?.bytes.toString() ?? "",
      /^Received: from client\.test \(localhost\.test \[127\.0\.0\.1\]\)\r$/m,
    );
    assert.partialDeepStrictEqual(server.events[0]?.detail, {
      remoteName: "localhost.test",
      blockLists: "list.test",
    });
  },
);

test("a client that is exempt is not asked about", options, async () => {
  const config = strictConfig({
    exemptFrom: ["127.0.0.0/8"],
    dns: { ...dns, reverseName: true, blockLists: ["list.test"] },
  });
  const resolve = () => assert.fail("it was asked");
  const server = await startTestServer({}, { config: () => config, resolve });
  assert.deepEqual(await codes(await openSmtpClient(server.port), 1), ["220 mx.te"]);
  await server.close();
});
