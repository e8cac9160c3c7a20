/**
 * Every dialogue, with smtp-server 3.21 in our place: where it replies otherwise, docs/smtp-server-differences.md says
 * who is right. A difference that is not there, or is no more, fails: `node --test test/suites/oracle.ts`; with `print`
 * behind it, the rows are printed instead.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { judgeRecipient } from "../../functions/mail/match.ts";
import { type SMTPServerOptions, startOracle } from "../support/oracle.ts";
import { openSmtpClient, type SmtpClient } from "../support/smtp-client.ts";
import { type Dialogue, type DialogueSetup, parseDialogue } from "../support/smtp-dialogue.ts";
import { testConfig } from "../support/smtp-peer.ts";
import { testCertificate } from "../support/smtp-server.ts";

const folder = new URL("../smtp/dialogues/", import.meta.url);
const document = new URL("../../docs/smtp-server-differences.md", import.meta.url);

/** For a reply that may never come. */
const patienceMs = 1_000;

/** What the client sends at once, and the codes of the replies that a dialogue, and then the oracle, has for it. */
interface Exchange {
  readonly sent: string;
  readonly ours: string;
  readonly theirs: string;
}

const certificate = await testCertificate();
const names = readdirSync(folder).sort();
/** Like the table's, without its last column. */
const rows = (await Promise.all(names.map(compare))).flat();

if (process.argv.includes("print")) for (const row of rows) console.log(`${row} |`);
else
  test("every difference is in the table with a verdict, and nothing else is", () => {
    // The formatter pads its columns.
    const lines = readFileSync(document, "utf8").replaceAll(/ +\|/g, " |").split("\n");
    const verdicts = new Set(
      lines.flatMap((line) => /^\| ([a-z-]+) \| (?:Mailchute|both) \| .+ \|$/.exec(line)?.[1] ?? []),
    );
    const judged = lines.flatMap((line) => {
      const [, row, verdict = ""] = /^(\| `[^`]+` \| .*) \| ([a-z-]*) \|$/.exec(line) ?? [];
      if (row !== undefined)
        assert.ok(verdict === "follows" || verdicts.has(verdict), `no such verdict: ${line}`);
      return row ?? [];
    });
    assert.deepEqual(judged, rows);
  });

async function compare(name: string): Promise<readonly string[]> {
  const dialogue = parseDialogue(readFileSync(new URL(name, folder), "utf8"));
  // It has no server whose certificate is gone.
  if (dialogue.setup.tls === "broken") return [];
  // Nor is its time in our hands, or who else is connected.
  const isOurs = dialogue.steps.some(({ kind }) => kind === "wait" || kind === "stop");
  if (isOurs || dialogue.setup.connections !== undefined) return [];
  const server = await startOracle(oracleFor(dialogue.setup));
  const client = await openSmtpClient(server.port);
  const exchanges = await replay(dialogue, client);
  client.destroy();
  server.close();
  return exchanges
    .filter(({ ours, theirs }) => ours !== theirs)
    .map(({ sent, ours, theirs }) => `| \`${name.replace(".smtp", "")}\` | ${sent} | ${ours} | ${theirs}`);
}

async function replay({ steps }: Dialogue, client: SmtpClient): Promise<readonly Exchange[]> {
  const exchanges: Exchange[] = [];
  let [sent, ours, theirs]: [Buffer[], string[], string[]] = [[], [], []];
  const end = () => {
    if (ours.length > 0)
      exchanges.push({ sent: describe(Buffer.concat(sent)), ours: join(ours), theirs: join(theirs) });
    [sent, ours, theirs] = [[], [], []];
  };
  for (const step of steps) {
    if (step.kind === "send") {
      if (ours.length > 0) end();
      sent.push(step.octets);
      client.send(step.octets);
    } else if (step.kind === "reply" || step.kind === "close") {
      ours.push(step.kind === "reply" ? (/\d{3}/.exec(step.expected)?.[0] ?? step.expected) : "closed");
      theirs.push(theirs.at(-1) === "silent" ? "silent" : await codeFrom(client));
    } else if (step.kind === "tls") {
      if (theirs.at(-1) !== "220") break;
      end();
      await client.startTls();
    } else if (step.kind === "lost") break;
  }
  end();
  return exchanges;
}

async function codeFrom(client: SmtpClient): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("silent"), patienceMs);
  client.reply().then(
    (reply) => resolve(reply?.slice(0, 3) ?? "closed"),
    () => resolve("closed"),
  );
  const code = await promise;
  clearTimeout(timer);
  return code;
}

/** `250 250 250` is `250 ×3`. */
function join(codes: readonly string[]): string {
  return codes.join(" ").replaceAll(/\b(\w+)(?: \1)+\b/g, (all, code) => `${code} ×${all.split(" ").length}`);
}

/** The end of what was sent: it is what is answered. */
function describe(octets: Buffer): string {
  const text = JSON.stringify(octets.toString("latin1"))
    .slice(1, -1)
    .replaceAll("|", "\\|")
    .replaceAll("`", "'");
  if (text === "") return "(connects)";
  return `\`${text.length > 60 ? `…${text.slice(-60)}` : text}\``;
}

function oracleFor(setup: DialogueSetup): SMTPServerOptions {
  const config = testConfig(setup);
  const fail = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });
  const isTls = setup.tls === "on" || setup.tls === "broken";
  return {
    name: "mx.test",
    lmtp: setup.protocol === "lmtp",
    size: config.limits.messageMaxSizeBytes,
    maxRecipients: config.limits.recipientsMax,
    hideSMTPUTF8: false,
    hideDSN: false,
    hideREQUIRETLS: false,
    useXClient: setup.xclient === "trusted",
    ...certificate,
    disabledCommands: [...(isTls ? [] : ["STARTTLS"]), ...(setup.users === "ann" ? [] : ["AUTH"])],
    onConnect: (_session, done) => done(setup.client === "refused" ? fail(554, "No service") : null),
    onAuth: ({ username, password }, _session, done) =>
      username === "ann" && password === "secret" ? done(null, { user: username }) : done(fail(535, "No")),
    onRcptTo: ({ address }, { envelope, secure, remoteAddress }, done) => {
      const mailFrom = envelope.mailFrom === false ? null : envelope.mailFrom.address;
      const facts = { recipient: address, mailFrom, remoteIp: remoteAddress, isTls: secure };
      if (envelope.rcptTo.length >= config.limits.recipientsMax) return done(fail(452, "Too many"));
      done(judgeRecipient(facts, config).kind === "accept" ? null : fail(550, "Unknown"));
    },
    onData: (stream, _session, done) => {
      stream.resume().on("end", () => {
        if (stream.sizeExceeded) return done(fail(552, "Too large"));
        if (setup.store === "failing") return done(fail(451, "Store"));
        done(setup.memory === "full" ? fail(452, "Memory") : null);
      });
    },
  };
}
