import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { sendCanary } from "../../functions/canary/canary.ts";
import { describeError } from "../../functions/mail/errors.ts";
import { listen } from "../../infra/local/listen.ts";

const now = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
const address = "canary-1@mx.test";

/** A server that answers each line as the script has it, and keeps what it was told. */
async function setUp(script: Readonly<Record<string, string>>) {
  const told: string[] = [];
  const server = createServer(async (socket: Socket) => {
    socket.on("error", () => undefined);
    socket.write(script[""] ?? "220 mx.test\r\n");
    for await (const line of createInterface({ input: socket })) {
      told.push(line);
      const answer = script[line.split(" ")[0] ?? ""];
      if (answer === "end") socket.destroy();
      else if (answer !== undefined) socket.write(answer);
    }
  });
  const port = await listen(server, "127.0.0.1", 0);
  after(() => server.close());
  const send = (timeoutMs = 5_000) =>
    sendCanary({ server: { host: "127.0.0.1", port }, address, timeoutMs }, now);
  return { told, send, server };
}

const well = {
  EHLO: "250-mx.test\r\n250-SIZE 1\r\n250 HELP\r\n",
  MAIL: "250 2.1.0 Ok\r\n",
  RCPT: "250 2.1.5 Ok\r\n",
  DATA: "354 Go on\r\n",
  ".": "250 2.0.0 Ok: id\r\n",
  QUIT: "221 2.0.0 Bye\r\n",
};

test("the canary is a mail like any other, and its reply is told", async () => {
  const { told, send } = await setUp(well);
  assert.equal(await send(), "250 2.0.0 Ok: id");
  assert.deepEqual(told, [
    "EHLO canary.invalid",
    "MAIL FROM:<canary-1@mx.test>",
    "RCPT TO:<canary-1@mx.test>",
    "DATA",
    "From: <canary-1@mx.test>",
    "To: <canary-1@mx.test>",
    "Date: Fri, 02 Jan 2026 03:04:05 +0000",
    "Message-ID: <1767323045000.canary-1@mx.test>",
    "Subject: Canary",
    "",
    "Still singing.",
    ".",
    "QUIT",
  ]);
});

const refusals = [
  ["a greeting that sends it away", { "": "421 4.3.2 Busy\r\n" }, /greeting: 421 4\.3\.2 Busy$/],
  ["a recipient that is unknown", { RCPT: "550 5.1.1 Unknown\r\n" }, /RCPT: 550 5\.1\.1 Unknown$/],
  ["a store that fails", { ".": "451 4.3.0 Later\r\n" }, /From: 451 4\.3\.0 Later$/],
  ["a connection that ends", { MAIL: "end" }, /the connection ended|ECONNRESET/],
] as const;

for (const [sentence, script, expected] of refusals) {
  test(`${sentence} is an error that says so`, async () => {
    const { send } = await setUp({ ...well, ...script });
    await assert.rejects(send(), (error) => {
      assert.match(describeError(error), /^the canary did not get into 127\.0\.0\.1:\d+: /);
      assert.match(describeError(error), expected);
      return true;
    });
  });
}

test("a server that says nothing is given up", async () => {
  const { send, server } = await setUp({ "": "" });
  const sent = send(50);
  await once(server, "connection");
  await assert.rejects(sent, (error) => /silent for 50 ms/.test(describeError(error)));
});
