import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSecret } from "../../functions/mail/certificate-secret.ts";
import { judgeCertificate } from "../../functions/renew/certificate.ts";
import { type RenewDeps, renew } from "../../functions/renew/renew.ts";
import { readRenewSettings } from "../../functions/renew/settings.ts";
import { makeCertificate } from "./made-certificate.ts";

const hostname = "mx.example.com";
const originMs = Date.UTC(2026, 0, 1);
const dayMs = 24 * 60 * 60 * 1000;
const onDay = (day: number) => originMs + day * dayMs;

const usual = await makeCertificate(hostname, { originMs, fromDay: 0, toDay: 90 });
const next = await makeCertificate(hostname, { originMs, fromDay: 60, toDay: 150 });
const short = await makeCertificate(hostname, { originMs, fromDay: 0, toDay: 6 });
const foreign = await makeCertificate("mx.example.org", { originMs, fromDay: 0, toDay: 90 });

const unusable = { daysLeft: 0, isDue: true };
const rows: readonly (readonly [string, string, number, ReturnType<typeof judgeCertificate>])[] = [
  ["a third of its time before the end a certificate is kept", text(usual), onDay(60), left(30, false)],
  ["a millisecond later it is due", text(usual), onDay(60) + 1, left(29, true)],
  ["a short one is renewed by the same part", text(short), onDay(4) + 1, left(1, true)],
  ["at its end it is worth nothing", text(usual), onDay(90), unusable],
  [
    "a secret that nobody has filled yet is due",
    '{"certificate":"","privateKey":"","made":"x"}',
    0,
    unusable,
  ],
  ["what is no JSON is due", "secret", 0, unusable],
  ["what is no certificate is due", text({ ...usual, certificate: cut(usual.certificate) }), 0, unusable],
  ["another certificate's key is due", text({ ...usual, privateKey: next.privateKey }), onDay(1), unusable],
  ["another host's certificate is due", text(foreign), onDay(1), unusable],
];

for (const [sentence, secretText, nowMs, expected] of rows)
  test(sentence, () => assert.deepEqual(judgeCertificate(secretText, hostname, nowMs), expected));

test("as long as it lasts, nobody is asked for another", async () => {
  const { deps, written, reported } = world({ secretText: text(usual), nowMs: onDay(1) });
  assert.equal(await renew(hostname, deps), "kept");
  assert.deepEqual({ written, reported }, { written: [], reported: [89] });
});

test("in its last third another takes its place, in the shape that the front end reads", async () => {
  const { deps, written, reported } = world({ secretText: text(usual), nowMs: onDay(61) });
  assert.equal(await renew(hostname, deps), "renewed");
  assert.deepEqual(written.map(parse), [next]);
  assert.deepEqual(reported, [89]);
});

test("an authority that refuses is an error, and the days that are left are told", async () => {
  const { deps, written, reported } = world({
    secretText: text(usual),
    nowMs: onDay(70),
    order: async () => Promise.reject(new Error("rate limited")),
  });
  await assert.rejects(renew(hostname, deps), /rate limited/);
  assert.deepEqual({ written, reported }, { written: [], reported: [20] });
});

test("a certificate that cannot be used never replaces one that can", async () => {
  const { deps, written, reported } = world({
    secretText: text(usual),
    nowMs: onDay(70),
    order: async () => foreign,
  });
  await assert.rejects(renew(hostname, deps), /cannot be used for mx\.example\.com/);
  assert.deepEqual({ written, reported }, { written: [], reported: [20] });
});

test("a certificate that someone else renews is watched", async () => {
  const { deps, written, reported } = world({ secretText: text(usual), nowMs: onDay(80), order: null });
  assert.equal(await renew(hostname, deps), "kept");
  assert.deepEqual({ written, reported }, { written: [], reported: [10] });
});

test("settings come whole, or the error names what is wrong", () => {
  const env = {
    MAILCHUTE_HOSTNAME: hostname,
    MAILCHUTE_SERVICE: "mailchute",
    MAILCHUTE_TLS_SECRET: "mailchute/tls/certificate",
  };
  assert.equal(readRenewSettings(env).acme, null);
  assert.throws(() => readRenewSettings({}), /MAILCHUTE_TLS_SECRET/);
  assert.throws(() => readRenewSettings({ ...env, MAILCHUTE_HOSTED_ZONE: "Z1" }), /come together/);
});

function world(given: {
  readonly secretText: string;
  readonly nowMs: number;
  readonly order?: RenewDeps["order"];
}) {
  const [written, reported]: [string[], number[]] = [[], []];
  const deps: RenewDeps = {
    readSecret: async () => given.secretText,
    writeSecret: async (secretText) => void written.push(secretText),
    order: given.order === undefined ? async () => next : given.order,
    reportDaysLeft: (daysLeft) => void reported.push(daysLeft),
    now: () => given.nowMs,
  };
  return { deps, written, reported };
}

function text(secret: CertificateSecret): string {
  return JSON.stringify(secret);
}

function parse(secretText: string): unknown {
  return JSON.parse(secretText);
}

function left(daysLeft: number, isDue: boolean) {
  return { daysLeft, isDue };
}

function cut(pem: string): string {
  return pem.slice(0, pem.length / 2);
}
