import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  greeting,
  hello,
  type Reply,
  recipientRejected,
  replies,
  stored,
} from "../../../functions/smtp/protocol/reply.ts";
import { anyGroups, runSession } from "../../support/smtp-session.ts";

const isReply = (event: unknown): event is { kind: "reply"; reply: Reply } =>
  typeof event === "object" && event !== null && "kind" in event && event.kind === "reply";

function assertWellFormed({ code, status, wire }: Reply): void {
  assert.ok(wire.endsWith("\r\n"));
  const lines = wire.slice(0, -2).split("\r\n");
  for (const [index, line] of lines.entries()) {
    assert.ok(Buffer.byteLength(line) <= 510, line);
    assert.match(line, /^\d{3}[ -][ -~]*$/);
    const separator = index === lines.length - 1 ? " " : "-";
    assert.ok(line.startsWith(`${code}${separator}${status === null ? "" : `${status} `}`), line);
  }
}

for (const [name, reply] of Object.entries(replies)) {
  test(`${name} is well formed, and its enhanced code is of its class (RFC 2034 §4)`, () => {
    assertWellFormed(reply);
    if (reply.status !== null)
      assert.match(reply.status, new RegExp(`^${Math.floor(reply.code / 100)}\\.\\d+\\.\\d+$`));
  });
}

test("no enhanced code stands only in greetings, answers to HELO and EHLO, and 354 (RFC 2034 §3)", () => {
  const without = Object.entries(replies).flatMap(([name, { status }]) => (status === null ? [name] : []));
  assert.deepEqual(without.sort(), ["needHostname", "noService", "startData"]);
});

test("whatever a reply carries, it stays 7-bit and within 512 octets (RFC 5321 §4.5.3.1.5)", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 900 }).map((octets) => Buffer.from(octets).toString("latin1")),
      (text) => {
        for (const reply of [
          recipientRejected(text),
          stored(text),
          greeting(text, "smtp"),
          hello(text, [text, text]),
        ]) {
          assertWellFormed(reply);
        }
      },
    ),
  );
});

test("a line of 512 octets is whole, one of 513 is cut", () => {
  assert.equal(recipientRejected("x".repeat(500)).wire, `550 5.7.1 ${"x".repeat(500)}\r\n`);
  assert.equal(recipientRejected("x".repeat(501)).wire, `550 5.7.1 ${"x".repeat(500)}\r\n`);
});

test("every reply of every session is well formed", () => {
  fc.assert(
    fc.property(anyGroups, (groups) => {
      const said = runSession(groups, (group) => [group]).filter(isReply);
      assert.ok(said.length > 0);
      for (const { reply } of said) assertWellFormed(reply);
    }),
    { numRuns: 300 },
  );
});
