import fc from "fast-check";
import { Engine } from "../../functions/smtp/protocol/engine.ts";
import type { EngineEvent } from "../../functions/smtp/protocol/engine-event.ts";
import { type Reply, replies, stored } from "../../functions/smtp/protocol/reply.ts";
import type { DialogueSetup } from "./smtp-dialogue.ts";
import { client, enginePolicy } from "./smtp-engine-peer.ts";

/** Octets that a client sends without waiting for anything in between. */
export type Group = Buffer;

/**
 * The events of a session in which the client waits after each group, message octets joined. What the engine asks is
 * answered when the group is over: when it comes within is chance.
 */
export function runSession(
  groups: readonly Group[],
  split: (group: Group) => readonly Buffer[],
  setup: DialogueSetup = {},
): readonly unknown[] {
  const engine = new Engine(client, enginePolicy(setup));
  const log: unknown[] = [];
  let message: Buffer[] = [];
  let asked: EngineEvent | null = null;
  const take = (events: readonly EngineEvent[]) => {
    for (const event of events) {
      if (event.kind === "message") message.push(Buffer.from(event.octets));
      else if (event.kind === "begin" || event.kind === "end" || event.kind === "start-tls") asked = event;
      // When it comes depends on the chunk in which the reason was seen.
      else if (event.kind !== "discard") log.push(event);
    }
  };
  const settle = () => {
    for (let event = asked; event !== null; event = asked) {
      asked = null;
      log.push(event, ...(event.kind === "end" ? [Buffer.concat(message).toString("latin1")] : []));
      message = [];
      take(engine.answer(answerTo(event)));
    }
  };
  take(engine.greet());
  for (const group of groups) {
    for (const part of split(group)) take(engine.feed(Buffer.from(part)));
    settle();
  }
  take(engine.lost());
  return log;
}

function answerTo({ kind }: EngineEvent): Reply {
  if (kind === "begin") return replies.startData;
  return kind === "end" ? stored("some-id") : replies.startTls;
}

export function splitAt(cuts: readonly number[]): (group: Group) => readonly Buffer[] {
  return (group) => {
    const edges = [0, ...cuts.map((cut) => cut % (group.length + 1)).sort((a, b) => a - b), group.length];
    return edges.map((edge, index) => group.subarray(edge, edges[index + 1] ?? edge));
  };
}

const localPart = fc.constantFrom("ann", '"a b"', '"a\\"b"', "b\xc3\xb6b", "blocked", "a..b", "x".repeat(70));
const domain = fc.constantFrom(
  "mx.test",
  "MX.test",
  "elsewhere.test",
  "[192.0.2.1]",
  "[IPv6:::1]",
  "",
  "m\xc3\xbcx.test",
);
const path = fc.oneof(
  fc.tuple(localPart, domain).map(([local, host]) => `<${local}@${host}>`),
  fc.constantFrom("<>", "<Postmaster>", "<@a,@b:ann@mx.test>", "ann@mx.test", "<ann@mx.test", ""),
);
const parameter = fc.constantFrom(
  "SIZE=10",
  "SIZE=999999999",
  "BODY=8BITMIME",
  "BODY=BINARYMIME",
  "SMTPUTF8",
  "FOO",
  "SIZE=10",
  "=",
  "",
);
const parameters = fc
  .array(parameter, { maxLength: 2 })
  .map((words) => words.map((word) => ` ${word}`).join(""));

/** Commands of the grammar, good and bad, without their line end. */
export const anyCommand = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(path, parameters).map(([one, rest]) => `MAIL FROM:${one}${rest}`) },
  { weight: 4, arbitrary: fc.tuple(path, parameters).map(([one, rest]) => `RCPT TO:${one}${rest}`) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "EHLO client.test",
      "HELO client.test",
      "MAIL FROM:<ann@mx.test>",
      "RCPT TO:<bob@mx.test>",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "DATA",
      "RSET",
      "NOOP",
      "QUIT",
      "VRFY bob",
      "VRFY",
      "EXPN x",
      "HELP",
      "STARTTLS",
      "EHLO",
      "FOO",
      "",
      "data ",
      "NOOP\0",
      "NOOP\xff",
      "GET / HTTP/1.1",
      `NOOP ${"x".repeat(600)}`,
      ".",
      "..",
      "Subject: x",
    ),
  },
);

const lineEnd = fc.oneof(
  { weight: 12, arbitrary: fc.constant("\r\n") },
  fc.constantFrom("\n", "\r", "\r\n.\r\n", ""),
);
const command = fc.tuple(anyCommand, lineEnd).map((parts) => parts.join(""));
const body = fc
  .array(
    fc.constantFrom("text\r\n", "..\r\n", ".\r\n", "\r\n", "a\nb\r\n", ".x\r\n", "Received: x\r\n", "\0"),
    { maxLength: 8 },
  )
  .map((lines) => `${lines.join("")}\r\n.\r\n`);
/** Mostly with the size that it says. */
const chunk = fc
  .tuple(
    fc
      .array(fc.constantFrom("text\r\n", ".\r\n", "a\nb", "\r", "RSET\r\n", "Received: x\r\n"), {
        maxLength: 4,
      })
      .map((parts) => parts.join("")),
    fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: -2, max: 2 })),
    fc.constantFrom("", "", " LAST", " last "),
  )
  .map(([octets, wrong, last]) => `BDAT ${octets.length + wrong}${last}\r\n${octets}`);
const opening = "EHLO client.test\r\nMAIL FROM:<ann@mx.test>\r\nRCPT TO:<bob@mx.test>\r\n";
const chunks = fc
  .tuple(fc.constantFrom(opening, ""), fc.array(chunk, { maxLength: 4 }))
  .map(([before, parts]) => `${before}${parts.join("")}`);
const transaction = fc.constant(`${opening}DATA\r\n`);
const noise = fc.uint8Array({ maxLength: 12 }).map((octets) => Buffer.from(octets).toString("latin1"));

/** What a client may send, in groups, some of it sense. */
export const anyGroups = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.array(command, { maxLength: 5 }).map((lines) => lines.join("")) },
      { weight: 2, arbitrary: transaction },
      { weight: 2, arbitrary: chunks },
      { weight: 2, arbitrary: body },
      { weight: 1, arbitrary: noise },
    ),
    { maxLength: 8 },
  )
  .map((groups) => groups.map((group) => Buffer.from(group, "latin1")));
