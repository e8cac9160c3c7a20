import assert from "node:assert/strict";
import { type Config, parseConfig } from "../../functions/mail/config.ts";
import type { Envelope } from "../../functions/mail/messages.ts";
import type { SmtpSection } from "../../functions/mail/smtp-section.ts";
import type { Dialogue, DialogueSetup, Step } from "./smtp-dialogue.ts";

export interface ReceivedOctets {
  readonly octets: Buffer;
  readonly envelope: Envelope;
}

/** A server as a client sees it, and what it has stored. */
export interface Peer {
  send(octets: Buffer): Promise<void>;
  /** The next reply as sent; null when the server has closed the connection. */
  reply(): Promise<string | null>;
  startTls(): Promise<unknown>;
  /** Hangs up and gives the replies that nobody asked for. */
  end(): Promise<readonly string[]>;
  /** What is stored, in order; asked after {@link end}. */
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
  if (step.kind !== "reply") return;
  const reply = await peer.reply();
  assert.ok(reply !== null && step.matches(reply), `expected ${step.expected}, got ${JSON.stringify(reply)}`);
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
  }
}
