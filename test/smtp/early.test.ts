import assert from "node:assert/strict";
import { test } from "node:test";
import { openSmtpClient } from "../support/smtp-client.ts";
import { strictConfig } from "../support/smtp-peer.ts";
import { startTestServer } from "../support/smtp-server.ts";
import { codes, defences, transaction, until } from "../support/smtp-talk.ts";
import { createServerTime } from "../support/smtp-time.ts";

const options = { timeout: 10_000 };

test("a client that speaks before the greeting is turned away, one that waits is not", options, async () => {
  const time = createServerTime();
  const config = strictConfig({ greetingDelayMs: 500 });
  const server = await startTestServer({}, { ...time.deps, config: () => config });
  const [early, patient] = [await openSmtpClient(server.port), await openSmtpClient(server.port)];
  early.send("EHLO client.test\r\n");
  assert.deepEqual(await codes(early, 2), ["554 5.5.0", null]);
  await until(() => server.connections() === 1);
  time.pass(500);
  assert.deepEqual(await codes(patient, 1), ["220 mx.te"]);
  await server.close();
  assert.deepEqual(defences(server), [["early-talker", 1]]);
});

const outOfStep = [
  ["behind EHLO", ["EHLO client.test\r\nMAIL FROM:<>\r\n"], ["250 mx.te", "554 5.5.0", null]],
  ["behind EHLO that came in two", ["EHLO cl", "ient.test\r\nX"], ["250 mx.te", "554 5.5.0", null]],
  ["before EHLO", ["NOOP\r\nNOOP\r\n"], ["250 2.0.0", "554 5.5.0", null]],
  [
    "behind HELO, which offers no pipelining",
    ["HELO client.test\r\n", "MAIL FROM:<>\r\nRCPT TO:<bob@mx.test>\r\n"],
    ["250 mx.te", "250 2.1.0", "554 5.5.0", null],
  ],
  ["as HTTP does", ["POST / HTTP/1.1\r\nHost: mx.test\r\n\r\n"], ["421 4.7.0", null]],
] as const;

for (const [where, groups, expected] of outOfStep) {
  test(`a client that does not wait ${where} is turned away`, options, async () => {
    const server = await startTestServer({}, { config: () => strictConfig() });
    const client = await openSmtpClient(server.port);
    await codes(client, 1);
    const [first, ...others] = groups;
    client.send(first);
    const heard: (string | null)[] = [];
    for (const group of others) {
      if (first.endsWith("\r\n")) heard.push(...(await codes(client, 1)));
      else await until(() => server.connections() === 1);
      client.send(group);
    }
    heard.push(...(await codes(client, expected.length - heard.length)));
    assert.deepEqual(
      heard.map((code) => code?.slice(0, 3)),
      expected.map((code) => code?.slice(0, 3)),
    );
    await server.close();
    const [[defence]] = [defences(server)[0] ?? []];
    assert.equal(defence, where === "as HTTP does" ? "http" : "early-pipelining");
  });
}

test("a message may come in one piece under HELO, and anything behind EHLO", options, async () => {
  const server = await startTestServer({}, { config: () => strictConfig() });
  const client = await openSmtpClient(server.port);
  for (const [line, code] of [
    ["HELO client.test", "250"],
    ["MAIL FROM:<>", "250"],
    ["RCPT TO:<bob@mx.test>", "250"],
    ["DATA", "354"],
  ] as const) {
    client.send(`${line}\r\n`);
    assert.equal((await codes(client, 1))[0]?.slice(0, 3), line.startsWith("HELO") ? "220" : code);
    if (line.startsWith("HELO")) await codes(client, 1);
  }
  client.send("a\r\nb\r\n.\r\n");
  assert.deepEqual(await codes(client, 1), ["250 2.0.0"]);
  client.send("EHLO client.test\r\n");
  await codes(client, 1);
  client.send("NOOP\r\nMAIL FROM:<>\r\nRCPT TO:<bob@mx.test>\r\nDATA\r\n");
  assert.deepEqual((await codes(client, 4)).at(-1), "354 End d");
  client.destroy();
  await server.close();
});

test("where it is allowed, nobody needs to wait", options, async () => {
  const server = await startTestServer({}, { config: () => strictConfig({ earlyPipelining: "allow" }) });
  const client = await openSmtpClient(server.port);
  client.send(transaction);
  assert.equal((await codes(client, 5)).at(-1), "354 End d");
  client.destroy();
  await server.close();
});
