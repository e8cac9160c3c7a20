import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { createCensus } from "../../functions/smtp/census.ts";
import { Connection } from "../../functions/smtp/connection.ts";
import { createTally } from "../../functions/smtp/defences.ts";
import { replies } from "../../functions/smtp/protocol/reply.ts";
import { openSmtpClient } from "../support/smtp-client.ts";
import { enginePolicy } from "../support/smtp-engine-peer.ts";
import { testConfig } from "../support/smtp-peer.ts";

test("replies to commands that came together leave in one write (RFC 2920 §3.2)", {
  timeout: 10_000,
}, async () => {
  const writes: string[] = [];
  const visit = createCensus(Date.now).enter("127.0.0.1", testConfig().smtp);
  assert.ok(visit.kind === "visit");
  const server = createServer((socket) => {
    const write = socket.write.bind(socket);
    socket.write = (octets: string | Uint8Array) => {
      writes.push(String(octets));
      return write(octets);
    };
    const connection = new Connection(
      socket,
      { remoteIp: "127.0.0.1", remotePort: 1, remoteName: null, blockLists: [], tls: null },
      {
        policy: enginePolicy({}),
        smtp: testConfig().smtp,
        visit,
        receive: () => null,
        findContext: () => null,
        authenticate: async () => replies.authFailed,
        identify: async (client) => ({ client, policy: enginePolicy({}) }),
        transcript: null,
        tally: createTally({ log: () => undefined, now: Date.now }),
        log: () => undefined,
        now: Date.now,
      },
    );
    connection.greet();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const client = await openSmtpClient(address.port);
  assert.match((await client.reply()) ?? "", /^220/);
  client.send("HELO client.test\r\nMAIL FROM:<>\r\nRCPT TO:<bob@mx.test>\r\nDATA\r\n");
  for (const code of ["250", "250", "250", "452"]) assert.ok((await client.reply())?.startsWith(code));
  assert.deepEqual(
    writes.map((octets) => octets.split("\r\n").length - 1),
    [1, 4],
  );
  await client.end();
  server.close();
});
