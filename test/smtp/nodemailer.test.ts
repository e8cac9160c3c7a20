import assert from "node:assert/strict";
import { test } from "node:test";
import { createTransport } from "nodemailer";
import { startTestServer, testSecureContext } from "../support/smtp-server.ts";
import { storedMessages } from "../support/smtp-tcp-peer.ts";

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
