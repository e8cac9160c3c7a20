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
  wait(seconds: number): Promise<void>;
  stop(): void;
  /** Hangs up and gives the replies that nobody asked for. */
  end(): Promise<readonly string[]>;
  /** What is stored by now, in order. */
  messages(): readonly ReceivedOctets[];
  close(): Promise<void>;
}

/** One that answers without a wait. */
export interface PeerAtOnce {
  send(octets: Buffer): void;
  reply(): string | null;
  startTls(): void;
  wait(seconds: number): void;
  stop(): void;
  end(): readonly string[];
  messages(): readonly ReceivedOctets[];
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
    for (const step of inGroups(dialogue)) {
      if (step.kind === "send") await peer.send(step.octets);
      else if (step.kind === "tls") await peer.startTls();
      else if (step.kind === "wait") await peer.wait(step.seconds);
      else if (step.kind === "stop") peer.stop();
      else if (step.kind === "stored") assert.equal(peer.messages().length, step.count);
      else if (step.kind === "reply" || step.kind === "close") checkReply(step, await peer.reply());
    }
    checkEnd(dialogue, await peer.end(), peer.messages());
  } finally {
    await peer.close();
  }
}

/** The same without a wait: tens of thousands of promises would take longer than all else. */
export function playAtOnce(dialogue: Dialogue, peer: PeerAtOnce): void {
  for (const step of inGroups(dialogue)) {
    if (step.kind === "send") peer.send(step.octets);
    else if (step.kind === "tls") peer.startTls();
    else if (step.kind === "wait") peer.wait(step.seconds);
    else if (step.kind === "stop") peer.stop();
    else if (step.kind === "stored") assert.equal(peer.messages().length, step.count);
    else if (step.kind === "reply" || step.kind === "close") checkReply(step, peer.reply());
  }
  checkEnd(dialogue, peer.end(), peer.messages());
}

/** What the client sends without a wait in between is one step. */
function* inGroups({ steps }: Dialogue): Generator<Step> {
  let group: Buffer[] = [];
  for (const step of steps) {
    if (step.kind !== "send" && group.length > 0) {
      yield { kind: "send", octets: Buffer.concat(group) };
      group = [];
    }
    if (step.kind === "send") group.push(step.octets);
    else yield step;
  }
  if (group.length > 0) yield { kind: "send", octets: Buffer.concat(group) };
}

function checkReply(step: Extract<Step, { kind: "reply" | "close" }>, reply: string | null): void {
  if (step.kind === "reply") {
    assert.ok(
      reply !== null && step.matches(reply),
      `expected ${step.expected}, got ${JSON.stringify(reply)}`,
    );
    checkForm(reply);
  } else assert.equal(reply, null, "the connection is still open");
}

function checkEnd({ steps }: Dialogue, rest: readonly string[], messages: readonly ReceivedOctets[]): void {
  assert.deepEqual(rest, [], "a reply that nobody asked for");
  checkMessages(steps, messages);
}

/** Greetings, answers to HELO, EHLO and LHLO, and 3xx have no enhanced code (RFC 2034 §3). */
const isWithoutStatus = /^(?:220 mx\.test |250[ -]mx\.test\r|554 No service|501 Your host name|3)/;

/** What holds for every reply: rows 37 and 72. */
export function checkForm(reply: string): void {
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
