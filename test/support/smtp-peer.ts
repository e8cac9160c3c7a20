import assert from "node:assert/strict";
import { type Config, parseConfig } from "../../functions/mail/config.ts";
import type { Envelope } from "../../functions/mail/messages.ts";
import type { SmtpSection } from "../../functions/mail/smtp-section.ts";
import { replyLineMaxOctets } from "../../functions/smtp/protocol/limits.ts";
import type { Dialogue, DialogueSetup, Step } from "./smtp-dialogue.ts";

export interface ReceivedOctets {
  readonly octets: Buffer;
  readonly envelope: Envelope;
  /** What the server put before them. */
  readonly block: string;
}

/** A server as a client sees it, and what it has stored. */
export interface Peer {
  send(octets: Buffer): Promise<void>;
  /** The next reply as sent; null when the server has closed the connection. */
  reply(): Promise<string | null>;
  startTls(): Promise<unknown>;
  /** Hangs up and gives the replies that nobody asked for. */
  end(): Promise<readonly string[]>;
  /** What is stored by now, in order. */
  messages(): readonly ReceivedOctets[];
  close(): Promise<void>;
}

const base = parseConfig({
  hostname: "mx.test",
  endpoints: { inbox: { sink: true } },
  routes: [
    { name: "blocked", when: { recipient: "blocked@mx.test" }, reject: "Blocked here" },
    { name: "all", when: { recipient: "*@mx.test" }, to: "inbox" },
  ],
});

/** At the least cost that a config may have. */
export const hashOfSecret =
  "scrypt$14$8$1$BwcHBwcHBwcHBwcHBwcHBw$F7z_XP3qwmMAZuarel8QyMBYz9YYtQ5KCQOevLfsMOc";

/** Everyone at mx.test is known, and blocked@mx.test is turned away. */
export const testConfig = ({ bareNewlines, ...setup }: DialogueSetup = {}): Config => ({
  ...base,
  limits: {
    messageMaxSizeBytes: setup.messageMaxSizeBytes ?? base.limits.messageMaxSizeBytes,
    recipientsMax: setup.recipientsMax ?? base.limits.recipientsMax,
    hopsMax: setup.hopsMax ?? base.limits.hopsMax,
  },
  smtp: {
    ...base.smtp,
    bareNewlines: bareNewlines ?? "reject",
    xclientFrom: setup.xclient === "trusted" ? ["127.0.0.0/8"] : [],
    users: setup.users === "ann" ? { ann: hashOfSecret } : {},
  },
});

/** To whom every client is a stranger, one of this machine too, and who greets at once. */
export const strictConfig = (smtp: Partial<SmtpSection> = {}): Config => ({
  ...base,
  smtp: { ...base.smtp, exemptFrom: [], greetingDelayMs: 0, ...smtp },
});

/** Plays the client's part, and checks the server's. */
export async function play(dialogue: Dialogue, peer: Peer): Promise<void> {
  try {
    await playSteps(dialogue, peer);
  } finally {
    await peer.close();
  }
}

async function playSteps({ steps }: Dialogue, peer: Peer): Promise<void> {
  let group: Buffer[] = [];
  const flush = async () => {
    if (group.length > 0) await peer.send(Buffer.concat(group));
    group = [];
  };
  for (const step of steps) {
    if (step.kind === "send") group.push(step.octets);
    else {
      await flush();
      await check(step, peer);
    }
  }
  await flush();
  assert.deepEqual(await peer.end(), [], "a reply that nobody asked for");
  checkMessages(steps, peer.messages());
}

async function check(step: Step, peer: Peer): Promise<void> {
  if (step.kind === "tls") await peer.startTls();
  if (step.kind === "close") assert.equal(await peer.reply(), null, "the connection is still open");
  if (step.kind === "stored") assert.equal(peer.messages().length, step.count);
  if (step.kind !== "reply") return;
  const reply = await peer.reply();
  assert.ok(reply !== null && step.matches(reply), `expected ${step.expected}, got ${JSON.stringify(reply)}`);
  checkForm(reply);
}

/** Greetings, answers to HELO, EHLO and LHLO, and 3xx have no enhanced code (RFC 2034 §3). */
const isWithoutStatus = /^(?:220 mx\.test |250[ -]mx\.test\r|554 No service|501 Your host name|3)/;

/** What holds for every reply: rows 37 and 72. */
function checkForm(reply: string): void {
  const lines = reply.split(/(?<=\n)/);
  for (const line of lines) {
    assert.match(line, /^\d{3}[ -][ -~]*\r\n$/);
    assert.ok(line.length <= replyLineMaxOctets, line);
    if (isWithoutStatus.test(reply)) continue;
    const [, codeClass, statusClass] = /^([245])\d\d[ -]([245])\.\d{1,3}\.\d{1,3} /.exec(line) ?? [];
    assert.ok(codeClass !== undefined && codeClass === statusClass, `no enhanced code of its class: ${line}`);
  }
}

function checkMessages(steps: readonly Step[], messages: readonly ReceivedOctets[]): void {
  const expected = steps.flatMap((step) => (step.kind === "message" ? [step.octets.toString("latin1")] : []));
  assert.deepEqual(
    messages.map(({ octets }) => octets.toString("latin1")),
    expected,
  );
  let index = -1;
  for (const step of steps) {
    if (step.kind === "message") index++;
    if (step.kind === "envelope") assert.partialDeepStrictEqual(messages[index]?.envelope, step.expected);
    if (step.kind === "block") assert.match(messages[index]?.block ?? "", step.pattern);
  }
}
