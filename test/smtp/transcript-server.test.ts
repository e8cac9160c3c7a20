/** The transcripts of a whole server: which transaction each belongs to, where it ends, and no credential in any. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectStore } from "../../functions/mail/ports.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { openSmtpClient, type SmtpClient } from "../support/smtp-client.ts";
import { testConfig } from "../support/smtp-peer.ts";
import { startTestServer, testSecureContext } from "../support/smtp-server.ts";
import { brief } from "../support/written-down.ts";

interface ListenOptions {
  readonly protocol?: "smtp" | "lmtp";
  readonly store?: ObjectStore;
}

const failing = async () => {
  throw new Error("the disk is full");
};

/** Runs a client against a server, and gives the transcripts with what each transaction came to. */
async function listen(
  run: (client: SmtpClient) => Promise<unknown>,
  { protocol = "smtp", ...rest }: ListenOptions = {},
) {
  const kept: { readonly outcome: string; readonly id: string | null; readonly lines: readonly string[] }[] =
    [];
  const context = await testSecureContext();
  const server = await startTestServer(
    { protocol },
    {
      config: () => testConfig({ users: "ann" }),
      keepTranscript: ({ outcome, id }, lines) => void kept.push({ outcome, id, lines: lines.map(brief) }),
      secureContext: () => context,
      ...rest,
    },
  );
  const client = await openSmtpClient(server.port);
  await client.reply();
  await run(client);
  await client.end();
  await server.close();
  return { kept, events: server.events };
}

const say = async (client: SmtpClient, ...lines: readonly string[]) => {
  for (const line of lines) await client.command(line);
};
const opening = ["MAIL FROM:<ann@client.test>", "RCPT TO:<bob@mx.test>", "DATA"];

test("the first transcript begins with the greeting, the next one with its own MAIL, and each belongs to its message", async () => {
  const { kept, events } = await listen(async (client) => {
    await say(client, "EHLO client.test", ...opening, "Subject: 1\r\n\r\n.");
    await say(client, ...opening, "Subject: the second\r\n\r\n.");
  });
  const ids = events.map(({ id }) => id);
  assert.deepEqual(
    kept.map(({ outcome, id }) => [outcome, id]),
    ids.map((id) => ["accepted", id]),
  );
  const [first, second] = kept.map(({ lines }) => lines);
  assert.match(first?.[0] ?? "", /^- The client is 127\.0\.0\.1, port \d+$/);
  assert.deepEqual(first?.slice(1, 3), ["S 220 mx.test ESMTP Mailchute", "C EHLO client.test"]);
  assert.deepEqual(second, [
    "C MAIL FROM:<ann@client.test>",
    "S 250 2.1.0 Sender ok",
    "C RCPT TO:<bob@mx.test>",
    "S 250 2.1.5 Recipient ok",
    "C DATA",
    "S 354 End data with <CR><LF>.<CR><LF>",
    "C [23 octets of message]",
    `S 250 2.0.0 Ok: stored as ${ids[1]}`,
  ]);
});

const unknown = ["MAIL FROM:<eve@client.test>", "RCPT TO:<nobody@elsewhere.test>"];
const endings: readonly (readonly [string, string[], RegExp, ListenOptions?])[] = [
  ["refused at RCPT, and given up", [...unknown, "RSET"], /C RSET\nS 250 2\.0\.0 Ok$/],
  ["refused at RCPT, and left", [...unknown, "QUIT"], /S 550 5\.1\.1 .*\nC QUIT\nS 221 2\.0\.0 Bye$/],
  ["refused at RCPT, and hung up", unknown, /S 550 5\.1\.1 No such recipient here$/],
  ["refused for a bare newline", [...opening, "a\nb\r\n."], /C \[5 octets of message]\nS 550 5\.5\.2 .*$/],
  [
    "hung up within the message",
    [...opening, "text"],
    /C \[6 octets of message]\n- The connection was lost$/,
  ],
  [
    "not stored",
    [...opening, "."],
    /C \[0 octets of message]\nS 451 4\.3\.0 .*$/,
    { store: { ...createMemoryStore(), put: failing } },
  ],
  [
    "of an LMTP client, each recipient's reply",
    ["LHLO client.test", ...opening.toSpliced(1, 0, "RCPT TO:<ann@mx.test>"), "."],
    /C \[0 octets of message]\nS 250 2\.0\.0 Ok: stored as (\S+)\nS 250 2\.0\.0 Ok: stored as \1$/,
    { protocol: "lmtp" },
  ],
  [
    "of chunks",
    [...opening.slice(0, 2), "BDAT 6\r\ntext", "BDAT 4 LAST\r\nab"],
    /C BDAT 6\nS 250 2\.0\.0 Ok\nC BDAT 4 LAST\nC \[10 octets of message]\nS 250 2\.0\.0 Ok: stored as \S+$/,
  ],
];
for (const [sentence, lines, expected, options] of endings) {
  test(`one transcript, to its end: ${sentence}`, async () => {
    const hello = options?.protocol === "lmtp" ? [] : ["EHLO client.test"];
    const { kept } = await listen(async (client) => {
      await say(client, ...hello, ...lines.slice(0, -1));
      client.send(`${lines.at(-1)}\r\n`);
    }, options);
    assert.equal(kept.length, 1);
    const said = kept[0]?.lines.join("\n") ?? "";
    assert.match(said, expected);
  });
}

const secret = Buffer.from("\0ann\0secret").toString("base64");
const credentials: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["an initial response", [`AUTH PLAIN ${secret}`], ["C AUTH PLAIN [masked]", "S 235 2.7.0 Authenticated"]],
  ["a response", ["AUTH PLAIN", secret], ["C AUTH PLAIN", "S 334 ", "C [masked]"]],
  [
    "user and password",
    ["auth login", "YW5u", "c2VjcmV0"],
    ["C auth login", "S 334 VXNlcm5hbWU6", "C [masked]", "S 334 UGFzc3dvcmQ6", "C [masked]"],
  ],
  ["an unknown mechanism", [`AUTH ${secret}`], ["C AUTH [masked]"]],
  [
    "a mistyped command",
    [`XAUTH PLAIN ${secret}`, ` AUTH PLAIN ${secret}`],
    ["C [masked]", "S 500 5.5.1 Unknown command", "C [masked]"],
  ],
  [
    "what follows a refusal",
    ["AUTH CRAM-MD5", secret],
    ["C AUTH CRAM-MD5", "S 504 5.5.4 Unknown mechanism", "C [masked]"],
  ],
];
for (const [sentence, lines, expected] of credentials) {
  test(`no credential is written down: ${sentence}`, async () => {
    const { kept } = await listen(async (client) => {
      await say(client, "EHLO client.test", "STARTTLS");
      await client.startTls();
      await say(client, "EHLO client.test", ...lines, ...unknown, "QUIT");
    });
    const [said = []] = kept.map((one) => one.lines);
    const from = said.lastIndexOf("S 250 HELP") + 1;
    assert.deepEqual(said.slice(from, from + expected.length), expected);
    for (const line of lines.filter((one) => !/^auth \S+$/i.test(one)))
      assert.ok(!said.join("\n").includes(line.split(" ").at(-1) ?? ""), line);
    assert.ok(said.some((line) => /^- TLS began: TLSv1\.3, TLS_/.test(line)));
  });
}
