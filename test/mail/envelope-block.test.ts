import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeEnvelopeBlock, encodeEnvelopeBlock } from "../../functions/mail/envelope-block.ts";
import { PermanentError } from "../../functions/mail/errors.ts";
import type { Envelope } from "../../functions/mail/messages.ts";
import type { Hop } from "../../functions/mail/trace.ts";

const envelope: Envelope = {
  mailFrom: "ann@sender.test",
  rcptTo: ["bob@mx.test"],
  helo: "client.test",
  remoteIp: "192.0.2.7",
  remotePort: 40000,
  remoteName: null,
  blockLists: [],
  tls: null,
  smtpUtf8: false,
  bodyType: "7BIT",
  auth: null,
  bareNewlines: false,
  longLines: false,
  requireTls: false,
  dsn: null,
};

const hop: Hop = {
  id: "0192f0c1-2f00-7000-8000-00000000abcd",
  receivedAt: "2026-03-01T09:30:05.123Z",
  hostname: "mx.test",
  greeting: "EHLO",
  envelope,
};

const tls = { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" };

const traces = [
  [
    "one recipient is named",
    {},
    "Received: from client.test ([192.0.2.7])\r\n by mx.test\r\n with ESMTP id 0192f0c1-2f00-7000-8000-00000000abcd" +
      "\r\n for <bob@mx.test>;\r\n Sun, 01 Mar 2026 09:30:05 +0000\r\n",
  ],
  ["several are not named", { rcptTo: ["bob@mx.test", "eve@mx.test"] }, /abcd;\r\n Sun, 01 Mar/],
  ["an IPv6 address is a literal", { remoteIp: "2001:db8::1" }, /from client.test \(\[IPv6:2001:db8::1\]\)/],
  ["an address literal stays one", { helo: "[192.0.2.7]" }, /from \[192.0.2.7\] \(/],
  ["a name with a comment or a clause in it is defused", { helo: "a(b;c d)" }, /from a\?b\?c\?d\? \(/],
] as const;

/** RFC 3848 and RFC 6531 §4.3. */
const transmissionTypes = [
  ["HELO", {}, "SMTP"],
  ["EHLO", {}, "ESMTP"],
  ["EHLO", { tls }, "ESMTPS"],
  ["EHLO", { tls, auth: "ann" }, "ESMTPSA"],
  ["EHLO", { auth: "ann" }, "ESMTPA"],
  ["EHLO", { smtpUtf8: true }, "UTF8SMTP"],
  ["EHLO", { smtpUtf8: true, tls }, "UTF8SMTPS"],
  ["EHLO", { smtpUtf8: true, tls, auth: "ann" }, "UTF8SMTPSA"],
  ["EHLO", { smtpUtf8: true, auth: "ann" }, "UTF8SMTPA"],
  ["LHLO", {}, "LMTP"],
  ["LHLO", { tls }, "LMTPS"],
  ["LHLO", { tls, auth: "ann" }, "LMTPSA"],
  ["LHLO", { auth: "ann" }, "LMTPA"],
  ["LHLO", { smtpUtf8: true }, "UTF8LMTP"],
  ["LHLO", { smtpUtf8: true, tls }, "UTF8LMTPS"],
  ["LHLO", { smtpUtf8: true, tls, auth: "ann" }, "UTF8LMTPSA"],
  ["LHLO", { smtpUtf8: true, auth: "ann" }, "UTF8LMTPA"],
] as const;

for (const [greeting, change, type] of transmissionTypes) {
  test(`Received: ${greeting} with ${Object.keys(change).join(", ") || "nothing more"} is ${type}`, () => {
    const block = encodeEnvelopeBlock({ ...hop, greeting, envelope: { ...envelope, ...change } });
    assert.match(block.toString(), new RegExp(` with ${type} id `));
  });
}

for (const [sentence, change, expected] of traces) {
  test(`Received: ${sentence}`, () => {
    const text = encodeEnvelopeBlock({
      ...hop,
      envelope: {
        ...envelope,
        ...change,
        rcptTo: [...(("rcptTo" in change && change.rcptTo) || envelope.rcptTo)],
      },
    });
    const received = text.toString().slice(text.indexOf("Received:"));
    if (typeof expected === "string") assert.equal(received, expected);
    else assert.match(received, expected);
  });
}

test("Return-Path: the null reverse-path is <>", () => {
  const block = encodeEnvelopeBlock({ ...hop, envelope: { ...envelope, mailFrom: null } });
  assert.match(block.toString(), /^Return-Path: <>\r\n/);
});

const chosen = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom("a\r\nX-Spam: no", "a\r\n\r\nbody", "a\nX-Mailchute-Envelope:\n eyJ9", "\u2028\0"),
);

const anyHop = fc
  .record({
    mailFrom: fc.option(chosen),
    rcptTo: fc.array(chosen, { maxLength: 5 }),
    helo: chosen,
    smtpUtf8: fc.boolean(),
  })
  .map((change): Hop => ({ ...hop, envelope: { ...envelope, ...change } }));

test("a block from before a field came has its default", () => {
  const { longLines: _, requireTls: __, dsn: ___, ...before } = envelope;
  const carried = { version: 1, id: hop.id, receivedAt: hop.receivedAt, envelope: before };
  const block = `X-Mailchute-Envelope:\r\n ${Buffer.from(JSON.stringify(carried)).toString("base64url")}\r\n`;
  assert.deepEqual(decodeEnvelopeBlock(Buffer.from(block)).envelope, envelope);
});

test("what was encoded is what is decoded, whatever the client chose", () => {
  fc.assert(
    fc.property(anyHop, (any) => {
      const { id, receivedAt } = any;
      assert.deepEqual(decodeEnvelopeBlock(encodeEnvelopeBlock(any)), {
        id,
        receivedAt,
        envelope: any.envelope,
      });
    }),
  );
});

test("a block has its three fields alone, and folds the envelope at 76, whatever the client chose", () => {
  fc.assert(
    fc.property(anyHop, (any) => {
      const text = encodeEnvelopeBlock(any).toString();
      assert.ok(text.endsWith("\r\n"));
      assert.doesNotMatch(text.replaceAll("\r\n", ""), /\p{Cc}/u);
      const lines = text.slice(0, -2).split("\r\n");
      const names = lines
        .filter((line) => !line.startsWith(" "))
        .map((line) => line.slice(0, line.indexOf(":")));
      assert.deepEqual(names, ["Return-Path", "X-Mailchute-Envelope", "Received"]);
      const folded = lines.filter((line) => /^ [\w-]+$/.test(line));
      assert.ok(folded.length > 0 && folded.every((line) => line.length <= 76));
    }),
  );
});

const bad = [
  ["nothing", ""],
  ["a message without a block", "Subject: x\r\n\r\nhello\r\n"],
  ["a field that is not base64url", "X-Mailchute-Envelope:\r\n ??\r\n"],
  ["a field that is not JSON", "X-Mailchute-Envelope:\r\n AAAA\r\n"],
  [
    "JSON of another shape",
    `X-Mailchute-Envelope:\r\n ${Buffer.from('{"version":2}').toString("base64url")}\r\n`,
  ],
] as const;

for (const [sentence, block] of bad) {
  test(`${sentence} is no block`, () => {
    assert.throws(() => decodeEnvelopeBlock(Buffer.from(block)), PermanentError);
  });
}

test("nonsense is a permanent error, whatever its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      assert.throws(() => decodeEnvelopeBlock(bytes), PermanentError);
    }),
  );
});
