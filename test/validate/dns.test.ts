import assert from "node:assert/strict";
import { test } from "node:test";
import { createResolver, DnsBudget, isTemporary } from "../../functions/validate/dns.ts";
import { startDnsServer } from "./dns-server.ts";
import { createZone, dnsError, withFaults } from "./zone.ts";

const timeoutMs = 300;

const resolverOf = (address: string, now = () => 0, more: object = {}) =>
  createResolver({ servers: [address], timeoutMs, tries: 1, now, ...more });

test("an answer is what DNS says", async () => {
  await using server = await startDnsServer({ "a.test": { kind: "txt", text: "v=spf1 -all" } });
  assert.deepEqual(await resolverOf(server.address)("a.test", "TXT"), [["v=spf1 -all"]]);
});

test("an answer too long for UDP is asked for over TCP", async () => {
  const text = "x".repeat(2_000);
  await using server = await startDnsServer({ "a.test": { kind: "truncated", text } });
  const [record] = await resolverOf(server.address)("a.test", "TXT");
  assert.equal([record].flat().join(""), text);
  assert.deepEqual(server.questions, ["udp a.test", "tcp a.test"]);
});

for (const [sentence, reply, code, isLasting] of [
  ["a name that does not exist", { kind: "code", code: 3 }, "ENOTFOUND", true],
  ["a name without such a record", { kind: "code", code: 0 }, "ENODATA", true],
  ["a server that fails", { kind: "code", code: 2 }, "ESERVFAIL", false],
  ["a server that refuses", { kind: "code", code: 5 }, "EREFUSED", false],
  ["a server that says nothing", { kind: "silence" }, "ETIMEOUT", false],
] as const)
  test(`${sentence} is ${code}, and is ${isLasting ? "kept" : "asked again"}`, async () => {
    await using server = await startDnsServer({ "a.test": reply });
    const resolve = resolverOf(server.address);
    await assert.rejects(resolve("a.test", "TXT"), { code });
    await assert.rejects(resolve("a.test", "TXT"), { code });
    const asked = server.questions.filter((question) => question === "udp a.test").length;
    assert.equal(asked === 1, isLasting);
  });

test("no server at all fails, and does not hang", async () => {
  const server = await startDnsServer({});
  await server[Symbol.asyncDispose]();
  await assert.rejects(resolverOf(server.address)("a.test", "TXT"), (error) => isTemporary(error));
});

test("an answer serves until its age is reached", async () => {
  await using server = await startDnsServer({ "a.test": { kind: "txt", text: "x" } });
  let nowMs = 0;
  const resolve = resolverOf(server.address, () => nowMs, { cacheMaxAgeMs: 1000 });
  const asked: number[] = [];
  for (nowMs of [0, 999, 1000, 1999, 2000]) {
    await resolve(nowMs === 999 ? "A.TEST" : "a.test", "TXT");
    asked.push(server.questions.length);
  }
  assert.deepEqual(asked, [1, 1, 2, 2, 3]);
});

test("equal questions at the same time are asked once", async () => {
  await using server = await startDnsServer({ "a.test": { kind: "txt", text: "x" } });
  const resolve = resolverOf(server.address);
  await Promise.all(Array.from({ length: 10 }, () => resolve("a.test", "TXT")));
  assert.equal(server.questions.length, 1);
});

test("the cache keeps the newest answers up to its limit", async () => {
  await using server = await startDnsServer({});
  const resolve = resolverOf(server.address, () => 0, { cacheMaxEntries: 2 });
  const ask = (name: string) => resolve(name, "TXT").catch(() => []);
  for (const name of ["a.test", "b.test", "a.test", "c.test", "b.test", "a.test"]) await ask(name);
  assert.deepEqual(server.questions, ["udp a.test", "udp b.test", "udp c.test", "udp a.test"]);
});

for (const [sentence, size, isKept] of [
  ["an answer of 4,096 characters of JSON is kept", 4_096, true],
  ["one character more is not", 4_097, false],
] as const)
  test(`${sentence}`, async () => {
    // [["…"]] is 6 characters, and each string of 255 has its quotes and comma.
    const strings = Math.ceil((size - 4) / 258);
    const text = "x".repeat(size - 4 - (3 * strings - 1));
    await using server = await startDnsServer({ "a.test": { kind: "truncated", text } });
    const resolve = resolverOf(server.address);
    assert.equal(JSON.stringify(await resolve("a.test", "TXT")).length, size);
    await resolve("a.test", "TXT");
    assert.equal(server.questions.length, isKept ? 2 : 4);
  });

for (const [code, expected] of [
  ["ENOTFOUND", false],
  ["ENODATA", false],
  ["EBADNAME", false],
  ["ETIMEOUT", true],
  ["ESERVFAIL", true],
  ["ECONNREFUSED", true],
] as const)
  test(`${code} is ${expected ? "temporary" : "an answer"}`, () =>
    assert.equal(isTemporary(dnsError(code)), expected));

test("a failure without a code is temporary", () => assert.equal(isTemporary(new Error("?")), true));

test("a spent budget fails every further question at once", async () => {
  let nowMs = 0;
  const zone = withFaults(createZone({ "a.test TXT": [["x"]] }), () => null);
  const budget = new DnsBudget(zone.resolve, 1000, () => nowMs);
  nowMs = 999;
  assert.deepEqual(await budget.resolve("a.test", "TXT"), [["x"]]);
  nowMs = 1000;
  await assert.rejects(budget.resolve("a.test", "TXT"), { code: "ETIMEOUT" });
  assert.deepEqual([zone.questions.length, budget.didFail], [1, true]);
});

for (const [code, didFail] of [
  ["ENOTFOUND", false],
  ["ESERVFAIL", true],
] as const)
  test(`a budget that met ${code} ${didFail ? "knows of a failure" : "met none"}`, async () => {
    const budget = new DnsBudget(createZone({ "a.test TXT": code }), 1000, () => 0);
    await assert.rejects(budget.resolve("a.test", "TXT"), { code });
    assert.equal(budget.didFail, didFail);
  });
