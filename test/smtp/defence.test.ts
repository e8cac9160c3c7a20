import assert from "node:assert/strict";
import { test } from "node:test";
import { createTally } from "../../functions/smtp/defences.ts";
import { replies } from "../../functions/smtp/protocol/reply.ts";
import { openSmtpClient } from "../support/smtp-client.ts";
import { strictConfig, testConfig } from "../support/smtp-peer.ts";
import { startTestServer } from "../support/smtp-server.ts";
import { codes, defences, openInData, until } from "../support/smtp-talk.ts";
import { createServerTime } from "../support/smtp-time.ts";

const options = { timeout: 10_000 };
const { perAddress } = strictConfig().smtp;

const limitRows = [
  [
    "the connections of one address",
    {},
    strictConfig({ perAddress: { ...perAddress, connectionsMax: 2 } }),
    "address-connections",
  ],
  ["the connections of all", { connectionsMax: 2 }, testConfig(), "connections"],
] as const;

for (const [what, limits, config, defence] of limitRows) {
  test(
    `row 60: ${what} are counted: at the limit 220, past it 421, and one that left makes room`,
    options,
    async () => {
      const server = await startTestServer(limits, { config: () => config });
      const [first, second] = [await openSmtpClient(server.port), await openSmtpClient(server.port)];
      assert.deepEqual([await codes(first, 1), await codes(second, 1)], [["220 mx.te"], ["220 mx.te"]]);
      const third = await openSmtpClient(server.port);
      assert.deepEqual(await codes(third, 2), ["421 4.7.0", null]);
      first.send("QUIT\r\n");
      await first.end();
      await until(() => server.connections() === 1);
      const fourth = await openSmtpClient(server.port);
      assert.deepEqual(await codes(fourth, 1), ["220 mx.te"]);
      await server.close();
      assert.deepEqual(defences(server), [[defence, 1]]);
    },
  );
}

test(
  "a hundred clients past the cap all hear 421 and are let go, though none of them speaks",
  options,
  async () => {
    const server = await startTestServer({ connectionsMax: 1 });
    const first = await openSmtpClient(server.port);
    await codes(first, 1);
    const others = await Promise.all(Array.from({ length: 100 }, () => openSmtpClient(server.port)));
    const said = await Promise.all(others.map((client) => codes(client, 2)));
    assert.deepEqual([...new Set(said.map(String))], ["421 4.7.0,"]);
    assert.equal(server.connections(), 1);
    first.send("NOOP\r\n");
    assert.deepEqual(await codes(first, 1), ["250 2.0.0"]);
    await server.close();
    assert.deepEqual(defences(server), [["connections", 100]]);
  },
);

test("an address that is exempt is not counted", options, async () => {
  const config = testConfig();
  const smtp = { ...config.smtp, perAddress: { ...perAddress, connectionsMax: 1 } };
  const server = await startTestServer({}, { config: () => ({ ...config, smtp }) });
  for (let index = 0; index < 3; index++) {
    assert.deepEqual(await codes(await openSmtpClient(server.port), 1), ["220 mx.te"]);
  }
  await server.close();
});

test("row 60: connections past a minute's worth are 421, until the next is due", options, async () => {
  const time = createServerTime();
  const config = strictConfig({ perAddress: { ...perAddress, connectionsPerMinuteMax: 2 } });
  const server = await startTestServer({}, { ...time.deps, config: () => config });
  const connect = async () => (await codes(await openSmtpClient(server.port), 1))[0];
  assert.deepEqual(
    [await connect(), await connect(), await connect()],
    ["220 mx.te", "220 mx.te", "421 4.7.0"],
  );
  time.pass(30_000);
  assert.deepEqual([await connect(), await connect()], ["220 mx.te", "421 4.7.0"]);
  await server.close();
  assert.deepEqual(defences(server), [
    ["connection-rate", 1],
    ["connection-rate", 1],
  ]);
});

test("messages past a minute's worth are 451, and the session goes on", options, async () => {
  const time = createServerTime();
  const config = strictConfig({
    earlyPipelining: "allow",
    perAddress: { ...perAddress, messagesPerMinuteMax: 1 },
  });
  const server = await startTestServer({}, { ...time.deps, config: () => config });
  const client = await openInData(server);
  client.send("x\r\n.\r\n");
  assert.deepEqual(await codes(client, 1), ["250 2.0.0"]);
  client.send("MAIL FROM:<ann@client.test>\r\nRCPT TO:<bob@mx.test>\r\nDATA\r\n");
  assert.deepEqual(await codes(client, 3), ["250 2.1.0", "250 2.1.5", "451 4.7.0"]);
  time.pass(60_000);
  client.send("DATA\r\n");
  assert.deepEqual(await codes(client, 1), ["354 End d"]);
  client.send("y\r\n.\r\n");
  assert.deepEqual(await codes(client, 1), ["250 2.0.0"]);
  await server.close();
  assert.equal(server.store.objects.size, 2);
  assert.deepEqual(defences(server), [["message-rate", 1]]);
});

test("who guesses at recipients is let go, and again at the next guess", options, async () => {
  const config = strictConfig({ perAddress: { ...perAddress, refusedRecipientsPerMinuteMax: 2 } });
  const server = await startTestServer({}, { config: () => config });
  const talk = async (guesses: number) => {
    const client = await openSmtpClient(server.port);
    client.send("EHLO client.test\r\n");
    await codes(client, 2);
    client.send(`MAIL FROM:<ann@client.test>\r\n${"RCPT TO:<x@elsewhere.test>\r\n".repeat(guesses)}`);
    return (await codes(client, guesses + 2)).slice(1);
  };
  assert.deepEqual(await talk(3), ["550 5.1.1", "550 5.1.1", "550 5.1.1", "421 4.7.0"]);
  assert.deepEqual(await talk(1), ["550 5.1.1", "421 4.7.0"]);
  await server.close();
  assert.deepEqual(defences(server), [["refusal-rate", 2]]);
});

test("row 59: failures are answered later and later, and at last with 421", options, async () => {
  const time = createServerTime();
  let looks = 0;
  const now = () => {
    looks++;
    return time.deps.now();
  };
  const config = strictConfig({ failures: { undelayedMax: 2, max: 4 } });
  const server = await startTestServer({}, { ...time.deps, now, config: () => config });
  const [client, other] = [await openSmtpClient(server.port), await openSmtpClient(server.port)];
  await codes(client, 1);
  await codes(other, 1);
  for (const seconds of [0, 0, 1, 2]) {
    const before = looks;
    client.send("FOO\r\n");
    let isAnswered = false;
    const answer = codes(client, 1).finally(() => {
      isAnswered = true;
    });
    await until(() => looks > before);
    if (seconds > 0) time.pass(seconds * 1000 - 1);
    // By the time that this one has its answer, the other would have had it too.
    other.send("NOOP\r\n");
    await codes(other, 1);
    assert.equal(isAnswered, seconds === 0);
    if (seconds > 0) time.pass(1);
    assert.deepEqual(await answer, ["500 5.5.1"]);
  }
  client.send("FOO\r\n");
  assert.deepEqual(await codes(client, 2), ["421 4.7.0", null]);
  await server.close();
  assert.deepEqual(defences(server), [["failures", 1]]);
});

test("a flood of one kind is one event a second", options, async () => {
  const time = createServerTime();
  const config = strictConfig({ perAddress: { ...perAddress, connectionsMax: 1 } });
  const server = await startTestServer({}, { ...time.deps, config: () => config });
  const first = await openSmtpClient(server.port);
  await codes(first, 1);
  for (let index = 0; index < 5; index++) await codes(await openSmtpClient(server.port), 2);
  assert.deepEqual(server.events, []);
  time.pass(1000);
  assert.deepEqual(
    server.events.map(({ stage, id, outcome, count, detail }) => ({ stage, id, outcome, count, detail })),
    [
      {
        stage: "smtp",
        id: null,
        outcome: "address-connections",
        count: 5,
        detail: { remoteIp: "127.0.0.1" },
      },
    ],
  );
  await server.close();
  assert.equal(server.events.length, 1);
});

test("a reply that closes is counted as a defence, but after QUIT, at a stop, and where a chunk has no size", () => {
  const events: string[] = [];
  const tally = createTally({ log: ({ outcome }) => events.push(outcome), now: Date.now });
  const silent = Object.entries(replies).flatMap(([name, reply]) => {
    if (reply.next !== "close") return [];
    tally.noteReply(reply, "192.0.2.1");
    tally.flush();
    return events.splice(0).length === 0 ? [name] : [];
  });
  assert.deepEqual(silent.sort(), ["badChunkSize", "bye", "shuttingDown"]);
});
