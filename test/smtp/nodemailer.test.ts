import assert from "node:assert/strict";
import { test } from "node:test";
import { createTransport } from "nodemailer";
import { startTestServer, testSecureContext } from "../support/smtp-server.ts";
import { storedMessages } from "../support/smtp-tcp-peer.ts";
import { judge, key } from "../validate/judge.ts";
import { signingKey } from "../validate/zone.ts";

const raw = `Subject: x\r\n\r\n.starts with a dot\r\n..two\r\n${"y".repeat(3000)}\r\n`;

const ways = [
  ["in the clear", { ignoreTLS: true }, null],
  ["by STARTTLS", { requireTLS: true }, "TLSv1.3"],
  ["by STARTTLS with TLS 1.2", { requireTLS: true, maxVersion: "TLSv1.2" }, "TLSv1.2"],
] as const;

for (const [how, way, version] of ways) {
  test(`nodemailer sends ${how}, and every octet arrives`, { timeout: 10_000 }, async () => {
    const context = await testSecureContext();
    const server = await startTestServer({}, { secureContext: () => context });
    const { maxVersion, ...rest } = { maxVersion: undefined, ...way };
    const transport = createTransport({
      host: "127.0.0.1",
      port: server.port,
      ...rest,
      tls: { rejectUnauthorized: false, ...(maxVersion === undefined ? {} : { maxVersion }) },
    });
    const envelope = { from: "ann@client.test", to: ["bob@mx.test", "nobody@elsewhere.test"] };
    const sent = await transport.sendMail({ envelope, raw });
    assert.deepEqual([sent.accepted, sent.rejected], [["bob@mx.test"], ["nobody@elsewhere.test"]]);
    const [id] = server.events.map((event) => event.id);
    assert.equal(sent.response, `250 2.0.0 Ok: stored as ${id}`);
    const [message] = storedMessages(server.store);
    assert.equal(message?.octets.toString(), raw);
    assert.equal(message?.envelope.tls?.version ?? null, version);
    transport.close();
    await server.close();
  });
}

test("nodemailer sends a large message as a stream, and every octet arrives", {
  timeout: 20_000,
}, async () => {
  const server = await startTestServer({ singlePutMaxBytes: 100_000, streamBehindMaxBytes: 100_000 });
  const transport = createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true });
  const large = `Subject: x\r\n\r\n${"..z\r\n.\r\n".repeat(300_000)}`;
  await transport.sendMail({ envelope: { from: "ann@client.test", to: "bob@mx.test" }, raw: large });
  assert.ok(storedMessages(server.store)[0]?.octets.equals(Buffer.from(large)));
  transport.close();
  await server.close();
});

test("a mail that nodemailer signs verifies from what is stored", { timeout: 10_000 }, async () => {
  const server = await startTestServer();
  const dkim = { domainName: "sender.example", keySelector: "s1", privateKey: signingKey };
  const transport = createTransport({ host: "127.0.0.1", port: server.port, dkim });
  const lines = [".", "..", ".dots", "", "trailing  ", "\ttab", "Grüße", "x".repeat(2000), "", ""];
  await transport.sendMail({
    from: "Ann <ann@sender.example>",
    to: "bob@mx.test",
    subject: `Über ${"long ".repeat(50)}`,
    text: lines.join("\r\n"),
    attachments: [{ filename: "a.bin", content: Buffer.from([0, 10, 13, 46, 255]) }],
  });
  const stored = String(storedMessages(server.store)[0]?.octets);
  assert.partialDeepStrictEqual((await judge(stored, key)).dkim, [{ result: "pass", aligned: true }]);
  const altered = stored.replace("Ann", "Eve");
  assert.partialDeepStrictEqual((await judge(altered, key)).dkim, [{ result: "fail" }]);
  transport.close();
  await server.close();
});
