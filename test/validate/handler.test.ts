import assert from "node:assert/strict";
import { test } from "node:test";
import { ParsedMessage, ValidatedMessage } from "../../functions/mail/messages.ts";
import type { Resolve } from "../../functions/mail/ports.ts";
import { createValidateHandler } from "../../functions/validate/handler.ts";
import { withRoutes } from "../mail/config.ts";
import { createObservedDeps, finished, returned, sqsEvent } from "./handler-deps.ts";
import { authorised, key, policy } from "./judge.ts";
import { hostname, id, parsedMessage, plain, sign } from "./mail.ts";
import { createZone, withFaults } from "./zone.ts";

const signed = await sign(plain);
const config = {
  ...withRoutes({ name: "rest", when: { recipient: "*@receiver.test" }, to: "inbox" }),
  hostname,
};
const zone = createZone({ ...key, ...policy, ...authorised });
const block = "Return-Path: <ann@sender.example>\r\n";

interface SetUp {
  readonly mail?: string;
  readonly resolve?: Resolve;
  readonly parsed?: Partial<ParsedMessage>;
}

/** A handler whose store has the mail, with the envelope block in front. */
function setUp({ mail = signed, resolve = zone, parsed = {} }: SetUp = {}) {
  const deps = createObservedDeps();
  const raw = {
    bucket: "memory",
    key: `raw/57/${id}.eml`,
    sizeBytes: Buffer.byteLength(mail),
    envelopeBytes: block.length,
    sha256: "00",
  };
  deps.store.objects.set(raw.key, { bytes: Buffer.from(block + mail) });
  const handle = createValidateHandler({
    ...deps,
    resolve,
    config: async () => config,
    dnsRetryDelaysSeconds: [1, 2],
  });
  const message = parsedMessage({ raw, ...parsed });
  const validated = () =>
    deps.sent.get("route")?.map(({ body }) => ValidatedMessage.parse(JSON.parse(body))) ?? [];
  return { deps, message, validated, handle: (receiveCount = 1) => handle(sqsEvent(message, receiveCount)) };
}

test("a message goes on unchanged, with its verdict", async () => {
  const { message, validated, handle, deps } = setUp();
  assert.deepEqual(await handle(), finished);
  const [sent] = validated();
  assert.deepEqual(ParsedMessage.parse(sent), message);
  assert.partialDeepStrictEqual(sent?.auth, {
    spf: { result: "pass" },
    dkim: [{ result: "pass" }],
    dmarc: { result: "pass", policy: "reject" },
    senderVerified: true,
  });
  const { outcome, detail } = deps.events[0] ?? {};
  assert.partialDeepStrictEqual(
    { outcome, ...detail },
    {
      outcome: "validated",
      spf: "pass",
      dkim: "pass sender.example",
      dmarc: "pass",
      arc: "none",
      senderVerified: true,
    },
  );
});

for (const [sentence, mail, expected] of [
  ["an empty message", "", { dkim: [], dmarc: { result: "fail" } }],
  ["a message that is all header", "From: ann@sender.example\r\n", { dkim: [], dmarc: { result: "pass" } }],
] as const)
  test(`${sentence} goes on`, async () => {
    const { validated, handle } = setUp({ mail });
    assert.deepEqual(await handle(), finished);
    assert.partialDeepStrictEqual(validated()[0]?.auth, expected);
  });

test("DNS that fails once brings the message back, and the second verdict is as if it had not", async () => {
  for (let count = 1; count <= 4; count++) {
    const dns = withFaults(zone, (asked) => (asked === count ? "ETIMEOUT" : null));
    const { validated, handle, deps } = setUp({ resolve: dns.resolve });
    const first = await handle(1);
    if (first.batchItemFailures.length > 0) {
      assert.deepEqual([deps.delays, validated(), deps.events[0]?.outcome], [[1], [], "again"]);
      assert.deepEqual(await handle(2), finished);
    }
    assert.equal(validated()[0]?.auth.senderVerified, true);
  }
});

for (const code of ["ETIMEOUT", "ECONNREFUSED", "ESERVFAIL"])
  test(`DNS that stays at ${code} delays a message twice, then lets it go on as it is`, async () => {
    const { validated, handle, deps } = setUp({ resolve: createZone({ ...failing(code) }) });
    assert.deepEqual([await handle(1), await handle(2)], [returned, returned]);
    assert.deepEqual([await handle(3), deps.delays], [finished, [1, 2]]);
    const [sent] = validated();
    assert.partialDeepStrictEqual(sent?.auth, {
      spf: { result: "temperror" },
      dkim: [{ result: "temperror" }],
      dmarc: { result: "temperror" },
      senderVerified: false,
    });
    assert.deepEqual(
      sent?.warnings.map((warning) => warning.code),
      ["dns-failure"],
    );
  });

const failing = (code: string) =>
  Object.fromEntries(
    ["sender.example", "_dmarc.sender.example", "s1._domainkey.sender.example"].map((name) => [
      `${name} TXT`,
      code,
    ]),
  );

test("a header past the limits goes on, judged by SPF alone", async () => {
  const { validated, handle } = setUp({ mail: "DKIM-Signature: v=1\r\n".repeat(11) + signed });
  assert.deepEqual(await handle(), finished);
  const [sent] = validated();
  assert.partialDeepStrictEqual(sent, {
    auth: {
      spf: { result: "pass" },
      dkim: [{ result: "policy" }],
      dmarc: { result: "permerror" },
      senderVerified: false,
    },
    warnings: [{ code: "not-authenticated", detail: "over 10 signatures" }],
  });
});

test("a body past the limits goes on, judged without its signature", async () => {
  const { validated, handle } = setUp({ mail: signed + "x".repeat(70_000) });
  assert.deepEqual(await handle(), finished);
  assert.partialDeepStrictEqual(validated()[0], {
    auth: { dkim: [{ result: "policy", domain: "sender.example" }], dmarc: { result: "pass" } },
    warnings: [{ code: "not-authenticated", detail: "body line over 65536 bytes" }],
  });
});

test("forged Authentication-Results are a warning", async () => {
  const { message } = parsedMessage();
  const headers: [string, string][] = [["Authentication-Results", `${hostname}; dmarc=pass`]];
  const { validated, handle } = setUp({ parsed: { message: { ...message, headers } } });
  await handle();
  assert.deepEqual(
    validated()[0]?.warnings.map(({ code }) => code),
    ["forged-authentication-results"],
  );
});

test("warnings of earlier stages stay", async () => {
  const warnings = [{ code: "charset", detail: "?" }];
  const { validated, handle } = setUp({ parsed: { warnings } });
  await handle();
  assert.deepEqual(validated()[0]?.warnings, warnings);
});

test("a stored message that is gone is a dead letter", async () => {
  const { deps, handle } = setUp();
  deps.store.objects.clear();
  assert.deepEqual(await handle(), finished);
  assert.match(deps.sent.get("validate-dead")?.[0]?.attributes?.["reason"] ?? "", /no such object/);
});

test("a store that fails in the middle brings the message back", async () => {
  const { deps, message } = setUp();
  async function* broken() {
    yield Buffer.from(signed.slice(0, -5));
    throw new Error("connection lost");
  }
  const get = async () => ({ body: broken(), sizeBytes: 1, contentType: "message/rfc822", metadata: {} });
  const handle = createValidateHandler({
    ...deps,
    store: { ...deps.store, get },
    resolve: zone,
    config: async () => config,
  });
  assert.deepEqual([await handle(sqsEvent(message)), deps.sent.size], [returned, 0]);
});

test("a queue that fails brings the message back", async () => {
  const { deps, handle, validated } = setUp();
  deps.failNextSend = "route";
  assert.deepEqual([await handle(1), validated()], [returned, []]);
  assert.deepEqual([await handle(2), validated().length], [finished, 1]);
});

test("a message with bare LF is read as if it had CR LF", async () => {
  const parsed = { envelope: { ...parsedMessage().envelope, bareNewlines: true } };
  const { validated, handle } = setUp({ mail: signed.replaceAll("\r\n", "\n"), parsed });
  await handle();
  assert.partialDeepStrictEqual(validated()[0]?.auth.dkim, [{ result: "pass" }]);
});
