/** The stage with a name server on loopback: what DNS does, and what becomes of the mail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ValidatedMessage } from "../../functions/mail/messages.ts";
import { createResolver } from "../../functions/validate/dns.ts";
import { createValidateHandler } from "../../functions/validate/handler.ts";
import { withRoutes } from "../mail/config.ts";
import { type DnsReply, startDnsServer } from "./dns-server.ts";
import { createObservedDeps, finished, returned, sqsEvent } from "./handler-deps.ts";
import { hostname, id, parsedMessage, plain, sign } from "./mail.ts";
import { keyRecord } from "./zone.ts";

const signed = await sign(plain);
const restsSeconds = [1, 2];
const txt = (text: string): DnsReply => ({ kind: "txt", text });
const good: Record<string, DnsReply> = {
  "sender.example": txt("v=spf1 ip4:192.0.2.1 -all"),
  "_dmarc.sender.example": txt("v=DMARC1; p=reject"),
  "s1._domainkey.sender.example": txt(keyRecord.flat().join("")),
};
const names = Object.keys(good);
const all = (reply: DnsReply) => Object.fromEntries(names.map((name) => [name, reply]));

/** The stage, a name server that answers so, and how often the mail is given to the stage: until it has gone on. */
async function run(replies: Record<string, DnsReply>, { findDuplicates = false } = {}) {
  const server = await startDnsServer(replies);
  const deps = createObservedDeps();
  const raw = {
    ...{ bucket: "memory", key: `raw/57/${id}.eml`, envelopeBytes: 0, sha256: "00" },
    sizeBytes: signed.length,
  };
  deps.store.objects.set(raw.key, { bytes: Buffer.from(signed) });
  const config = withRoutes({ name: "rest", when: { recipient: "*@receiver.test" }, to: "inbox" });
  const handle = createValidateHandler({
    ...deps,
    resolve: createResolver({ servers: [server.address], timeoutMs: 100, tries: 1, now: () => 0 }),
    config: async () => ({ ...config, hostname, validate: { ...config.validate, findDuplicates } }),
    dnsRetryDelaysSeconds: restsSeconds,
  });
  const give = async (receiveCount: number, messageId = id) =>
    handle(sqsEvent(parsedMessage({ id: messageId, raw }), receiveCount));
  const gone = () =>
    (deps.sent.get("route") ?? []).map(({ body }) => ValidatedMessage.parse(JSON.parse(body)));
  return { server, deps, give, gone, [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose]() };
}

const pass = {
  spf: { result: "pass" },
  dkim: [{ result: "pass" }],
  dmarc: { result: "pass" },
  senderVerified: true,
};

test("records that come whole make a verdict", async () => {
  await using stage = await run(good);
  assert.deepEqual(await stage.give(1), finished);
  assert.partialDeepStrictEqual(stage.gone()[0]?.auth, pass);
});

test("records too long for UDP are asked for over TCP, and make the same verdict", async () => {
  const long = Object.fromEntries(
    Object.entries(good).map(([name, reply]) => [
      name,
      { kind: "truncated", text: "text" in reply ? reply.text : "" } satisfies DnsReply,
    ]),
  );
  await using stage = await run(long);
  await stage.give(1);
  assert.partialDeepStrictEqual(stage.gone()[0]?.auth, pass);
  for (const name of names) assert.ok(stage.server.questions.includes(`tcp ${name}`), name);
});

test("a second mail of the same sender asks DNS nothing", async () => {
  await using stage = await run(good);
  await stage.give(1);
  const asked = stage.server.questions.length;
  await stage.give(1);
  assert.deepEqual([stage.server.questions.length, stage.gone().length], [asked, 2]);
  assert.deepEqual(stage.gone()[0], stage.gone()[1]);
});

for (const [sentence, reply] of [
  ["is silent", { kind: "silence" }],
  ["fails", { kind: "code", code: 2 }],
  ["refuses", { kind: "code", code: 5 }],
] as const)
  test(`a name server that ${sentence} holds a mail up twice, then it goes on as temperror`, async () => {
    await using stage = await run(all(reply));
    assert.deepEqual([await stage.give(1), await stage.give(2), stage.gone()], [returned, returned, []]);
    assert.deepEqual([await stage.give(3), stage.deps.delays], [finished, restsSeconds]);
    const [mail, ...more] = stage.gone();
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(mail, {
      auth: {
        spf: { result: "temperror" },
        dkim: [{ result: "temperror" }],
        dmarc: { result: "temperror" },
        senderVerified: false,
      },
      warnings: [{ code: "dns-failure" }],
    });
  });

test("a name server that answers at the second try makes the verdict of one that always did", async () => {
  const replies = all({ kind: "silence" });
  await using stage = await run(replies);
  assert.deepEqual(await stage.give(1), returned);
  Object.assign(replies, good);
  assert.deepEqual(await stage.give(2), finished);
  assert.partialDeepStrictEqual(stage.gone()[0]?.auth, pass);
});

test("a name that does not exist is an answer, and holds nothing up", async () => {
  await using stage = await run({});
  assert.deepEqual(await stage.give(1), finished);
  assert.partialDeepStrictEqual(stage.gone()[0]?.auth, { spf: { result: "none" }, senderVerified: false });
});

for (const [sentence, findDuplicates, expected] of [
  ["is marked where the config asks for it", true, ["duplicate"]],
  ["is not looked for otherwise", false, []],
] as const)
  test(`another mail with the same Message-ID ${sentence}`, async () => {
    await using stage = await run(good, { findDuplicates });
    await stage.give(1);
    await stage.give(1, `${id.slice(0, -1)}8`);
    const codes = stage.gone().map(({ warnings }) => warnings.map(({ code }) => code));
    assert.deepEqual(codes, [[], expected]);
  });
