import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createTransport } from "nodemailer";
import { type Program, startProgram } from "../support/program.ts";
import { openSmtpClient } from "../support/smtp-client.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startReceiver } from "../support/webhook-receiver.ts";

const kills = 20;
const lifeMaxMs = 700;
/** A lost message never arrives: without an end to patience this test would wait for it rather than fail. */
const patienceMs = 5 * 60_000;
const to = "reply+42@example.com";

/** Sends until the connection breaks; calls `acknowledged` with the id in each 250. */
type Sender = (port: number, acknowledged: (reply: string) => void) => Promise<void>;

const sendByNodemailer: Sender = async (port, acknowledged) => {
  const transport = createTransport({
    host: "127.0.0.1",
    port,
    pool: true,
    maxConnections: 2,
    tls: { rejectUnauthorized: false },
  });
  try {
    for (let n = 0; ; n += 1) {
      const sent = await transport.sendMail({
        from: "a@example.org",
        to,
        subject: `nodemailer ${n}`,
        text: "x".repeat(2000),
      });
      acknowledged(sent.response);
    }
  } catch {
    transport.close();
  }
};

const sendByRawSocket: Sender = async (port, acknowledged) => {
  const client = await openSmtpClient(port).catch(() => null);
  if (client === null) return;
  await client.reply();
  await client.command("EHLO raw.example.org");
  for (let n = 0; ; n += 1) {
    await client.command("MAIL FROM:<b@example.org>");
    await client.command(`RCPT TO:<${to}>`);
    await client.command("DATA");
    const reply = await client.command(`Subject: raw ${n}\r\n\r\n${"y".repeat(500)}\r\n.`);
    if (reply === null) return;
    acknowledged(reply);
  }
};

const senders = [sendByNodemailer, sendByRawSocket, sendByRawSocket];

test(`what was acknowledged arrives, however often the program is killed (${kills} times)`, {
  timeout: patienceMs,
}, async (context) => {
  const receiver = await startReceiver();
  const folder = temporaryFolder(context);
  context.after(receiver.close);
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(configFor(receiver.url)));
  const env = { MAILCHUTE_DATA_DIR: join(folder, "data"), MAILCHUTE_CONFIG: config };
  const acknowledged = new Set<string>();

  for (let n = 0; n < kills; n += 1) {
    const program = await startProgram(env);
    receiver.secret ??= await readSecret(env.MAILCHUTE_DATA_DIR);
    await Promise.all([
      sendUntilKilled(program, acknowledged),
      delay(Math.random() * lifeMaxMs).then(() => program.kill("SIGKILL")),
    ]);
  }

  const last = await startProgram(env);
  const delivered = () => new Set(receiver.received.map(({ body }) => body.data.id));
  await receiver.until(() => acknowledged.isSubsetOf(delivered()));
  assert.equal((await last.kill("SIGTERM")).code, 0);

  assert.ok(acknowledged.size >= kills, `only ${acknowledged.size} were acknowledged`);
  assert.equal(receiver.forged, 0);
  const webhookIds = Map.groupBy(receiver.received, ({ body }) => body.data.id);
  for (const [id, deliveries] of webhookIds) {
    assert.equal(
      new Set(deliveries.map(({ webhookId }) => webhookId)).size,
      1,
      `${id} came under two webhook-ids`,
    );
  }
  context.diagnostic(
    `${acknowledged.size} acknowledged, ${receiver.received.length} deliveries of ${webhookIds.size} messages`,
  );
});

async function sendUntilKilled({ smtpPort }: Program, acknowledged: Set<string>): Promise<void> {
  const note = (reply: string) => {
    const id = /^250 2\.0\.0 .*\b([0-9a-f]{8}-[0-9a-f-]{27})/.exec(reply)?.[1];
    assert.ok(id !== undefined, `a reply without an id: ${reply}`);
    acknowledged.add(id);
  };
  await Promise.all(senders.map((send) => send(smtpPort, note)));
}

const configFor = (url: string) => ({
  hostname: "mx.example.com",
  endpoints: { hook: { url, allowPrivateAddress: true } },
  routes: [{ name: "replies", when: { recipient: "reply+{ticket}@example.com" }, to: ["hook"] }],
});

async function readSecret(folder: string): Promise<string> {
  return JSON.parse(await readFile(join(folder, "secrets.json"), "utf8")).hook[0];
}
