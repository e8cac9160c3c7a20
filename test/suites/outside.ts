/**
 * The program as `npm start` starts it, and mail servers and clients of others that send to it: what arrives is, octet
 * for octet, what they were given. `.ci/outside` installs them and runs this: `node --test test/suites/outside.ts`.
 */
import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Envelope } from "../../functions/mail/messages.ts";
import { MessageDetail } from "../../infra/local/http/api/schemas.ts";
import { NumberedEntry } from "../../infra/local/inspector/index-tables.ts";
import { type Program, startProgram } from "../support/program.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { asLines, mails } from "./outside/mails.ts";
import * as relays from "./outside/relays.ts";
import * as senders from "./outside/senders.ts";

const { path: folder, remove } = createTemporaryFolder();
after(remove);
// Mail servers work there as users of their own.
await chmod(folder, 0o755);

async function startMailchute(name: string, smtp: object): Promise<Program> {
  const config = {
    hostname: "mx.test",
    endpoints: { inbox: { sink: true } },
    routes: [{ name: "all", when: { recipient: "*@mx.test" }, to: ["inbox"] }],
    smtp,
  };
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(config));
  const program = await startProgram({
    MAILCHUTE_DATA_DIR: join(folder, name),
    MAILCHUTE_CONFIG: file,
  });
  after(() => program.kill("SIGTERM"));
  return program;
}

const open = await startMailchute("open", {});
const balanced = await startMailchute("balanced", { proxyFrom: ["127.0.0.0/8"] });

interface Client {
  readonly name: string;
  readonly mx: Program;
  readonly send: senders.Send;
  /** Stands between; `send` sends to it. */
  readonly relay?: relays.StartRelay;
  /** It puts its own Received field on top. */
  readonly addsTrace?: true;
  readonly hasNoSmtpUtf8?: true;
  /** What must be seen of how it came. */
  readonly envelope: Partial<Envelope>;
  /** What the relay's log must show, by the log's path in its folder. */
  readonly logged?: readonly [path: string, pattern: RegExp];
}

const viaRelay = { mx: open, send: senders.sendByNodemailer, addsTrace: true } as const;
const overTls = { tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" } };
const inClear = { tls: null };

const clients: readonly Client[] = [
  { name: "Postfix", ...viaRelay, relay: relays.startPostfix, envelope: overTls },
  {
    name: "Exim, by BDAT",
    ...viaRelay,
    relay: relays.startExim,
    envelope: overTls,
    // K is for CHUNKING (Exim's specification, §53.11).
    logged: ["log/mainlog", /=> .*\bK\b/],
  },
  {
    name: "OpenSMTPD",
    ...viaRelay,
    relay: relays.startOpenSmtpd,
    envelope: overTls,
    hasNoSmtpUtf8: true,
  },
  {
    name: "haproxy",
    mx: balanced,
    send: senders.sendByNodemailer,
    relay: relays.startHaproxy,
    envelope: { ...overTls, remoteIp: "127.0.0.1" },
  },
  { name: "nodemailer", mx: open, send: senders.sendByNodemailer, envelope: overTls },
  { name: "curl", mx: open, send: senders.sendByCurl, envelope: inClear },
  { name: "msmtp", mx: open, send: senders.sendByMsmtp, envelope: inClear, hasNoSmtpUtf8: true },
  {
    name: "swaks over TLS",
    mx: open,
    send: senders.sendBySwaksWithTls,
    envelope: overTls,
    hasNoSmtpUtf8: true,
  },
  {
    name: "swaks with a PROXY header",
    mx: balanced,
    send: senders.sendBySwaksWithProxy,
    envelope: { ...inClear, ...senders.proxied },
    hasNoSmtpUtf8: true,
  },
  { name: "Python's smtplib", mx: open, send: senders.sendByPython, envelope: inClear },
];

for (const [index, client] of clients.entries()) {
  test(client.name, { timeout: 120_000 }, async (context) => {
    const own = join(folder, `client-${index}`);
    await mkdir(own);
    const relay = await client.relay?.(own, client.mx.smtpPort);
    context.after(() => relay?.stop());
    const port = relay?.port ?? client.mx.smtpPort;
    for (const [number, mail] of mails.entries()) {
      if (mail.isSmtpUtf8 && client.hasNoSmtpUtf8) continue;
      await context.test(mail.name, async () => {
        const found = `client-${index}-mail-${number}@mx.test`;
        await client.send({ mail, recipients: [found, ...mail.moreRecipients], port, folder: own });
        assertEqualOctets(await arrived(client, found), asLines(mail));
      });
    }
    await context.test("how it came is seen", async () => {
      const { httpPort } = client.mx;
      const { id } = await wait(httpPort, `to:client-${index}-mail-0 is:delivered`);
      const answer = await fetch(`http://127.0.0.1:${httpPort}/api/v1/messages/${id}`);
      const { message } = MessageDetail.parse(await answer.json());
      assert.partialDeepStrictEqual(message?.envelope, client.envelope);
      if (client.logged === undefined) return;
      const [path, pattern] = client.logged;
      assert.match(await readFile(join(own, path), "utf8"), pattern);
    });
  });
}

/** What is stored of the mail, without the trace that the relay put on top. */
async function arrived({ mx: { httpPort }, addsTrace }: Client, recipient: string): Promise<Buffer> {
  const { id } = await wait(httpPort, `to:${recipient}`);
  const answer = await fetch(`http://127.0.0.1:${httpPort}/api/v1/messages/${id}/raw`);
  const octets = Buffer.from(await answer.arrayBuffer());
  const trace = /^Received: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/.exec(octets.toString("latin1"))?.[0] ?? "";
  assert.equal(trace !== "", addsTrace === true);
  return octets.subarray(trace.length);
}

/** The message that the inspector finds, as soon as it does. */
async function wait(httpPort: number, query: string): Promise<NumberedEntry> {
  const search = new URLSearchParams({ q: query, timeout: "30" });
  const answer = await fetch(`http://127.0.0.1:${httpPort}/api/v1/wait?${search}`);
  const found = await answer.text();
  assert.equal(answer.status, 200, found);
  return NumberedEntry.parse(JSON.parse(found));
}

/** Says where they differ, not how a megabyte looks. */
function assertEqualOctets(actual: Buffer, expected: Buffer): void {
  if (actual.equals(expected)) return;
  const at = actual.findIndex((octet, index) => octet !== expected[index]);
  const around = (octets: Buffer) => octets.subarray(Math.max(0, at - 20), at + 40).toString("latin1");
  assert.equal(around(actual), around(expected), `octets differ from ${at} on`);
  assert.equal(actual.length, expected.length);
}
