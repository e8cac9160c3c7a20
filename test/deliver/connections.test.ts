import assert from "node:assert/strict";
import { createServer as createTlsServer } from "node:https";
import type { LookupFunction } from "node:net";
import { test } from "node:test";
import { generate } from "selfsigned";
import { returned } from "../validate/handler-deps.ts";
import { attempt, check, delivered, type Expected } from "./attempt.ts";
import { type Listening, listen, lookupOf, serve, serveTcp } from "./servers.ts";

const certificate = async (name: string, notAfterDate?: Date) =>
  generate([{ name: "commonName", value: name }], {
    keySize: 2048,
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
    ...(notAfterDate === undefined ? {} : { notBeforeDate: new Date(0), notAfterDate }),
  });
const good = await certificate("app.test");
const expired = await certificate("app.test", new Date(86_400_000));
const secure = ({ private: key, cert }: typeof good, options: object = {}) =>
  listen(createTlsServer({ key, cert, ...options }, (_, response) => void response.end()));
const { lookup } = lookupOf(["127.0.0.1"]);

const tls: readonly [string, () => Promise<Listening>, string | undefined, string, Expected | RegExp][] = [
  ["a certificate that is trusted is sent to", () => secure(good), good.cert, "app.test", delivered(200)],
  ["one that nobody signed is refused", () => secure(good), undefined, "app.test", /^tls: /],
  ["one of another name is refused", () => secure(good), good.cert, "other.test", /^tls: /],
  ["one that has expired is refused", () => secure(expired), expired.cert, "app.test", /^tls: .*expired/],
  [
    "a version that is too old is refused",
    () => secure(good, { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "ALL@SECLEVEL=0" }),
    good.cert,
    "app.test",
    /^tls: /,
  ],
  [
    "a port without TLS is a matter of TLS",
    () => serve((_, response) => void response.end()),
    undefined,
    "app.test",
    /^tls: /,
  ],
  [
    "a handshake without end is a timeout",
    () => serveTcp(() => undefined),
    undefined,
    "app.test",
    /^timeout: /,
  ],
];

for (const [sentence, start, ca, host, expected] of tls)
  test(`TLS: ${sentence}`, async () => {
    const options = { lookup, ...(ca === undefined ? {} : { ca }), connectTimeoutMs: 100 };
    await check(await start(), expected, { ...options, origin: `https://${host}` });
  });

const failing =
  (code: string): LookupFunction =>
  (hostname, _, callback) =>
    callback(Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), { code }), []);

for (const [sentence, failure, reason] of [
  ["a name that does not exist", failing("ENOTFOUND"), /^dns: /],
  ["DNS that fails", failing("EAI_AGAIN"), /^dns: /],
  ["DNS that never answers", () => undefined, /^timeout: /],
] as const)
  test(`DNS: ${sentence} is tried again`, async () => {
    const { handled, event } = await attempt("https://app.test/", { lookup: failure, connectTimeoutMs: 100 });
    assert.match(String(event.reason), reason);
    assert.deepEqual([handled, event.delaySeconds], [returned, 5]);
  });
