import assert from "node:assert/strict";
import { test } from "node:test";
import { defineConfig, parseConfig } from "../../functions/mail/config.ts";
import { problemsOf, written } from "./config.ts";

const rest = { name: "rest", when: { recipient: "*@example.com" }, to: ["inbox"] };
const route = (differences: object) => written({ routes: [rest, { name: "x", ...differences }] });
const endpoint = (value: unknown) =>
  written({
    endpoints: { inbox: { sink: true }, helpdesk: value },
    routes: [rest, { name: "h", to: ["helpdesk"] }],
  });
const when = (value: object) => route({ when: value, drop: "a test" });

const smtpDefaults = {
  bareNewlines: "reject",
  bareNewlinesFlaggedFrom: [],
  exemptFrom: ["127.0.0.0/8", "::1/128"],
  proxyFrom: [],
  xclientFrom: [],
  greetingDelayMs: 300,
  earlyPipelining: "reject",
  users: {},
  failures: { undelayedMax: 10, max: 20 },
  perAddress: {
    connectionsMax: 20,
    connectionsPerMinuteMax: 300,
    messagesPerMinuteMax: 1000,
    refusedRecipientsPerMinuteMax: 100,
  },
  dns: { reverseName: false, blockLists: [], blockListed: "reject", timeoutMs: 2000 },
  deadlines: {
    idleSeconds: 300,
    dataBlockSeconds: 180,
    rateMinBytesPerSecond: 500,
    transactionSeconds: 1800,
    tlsHandshakeSeconds: 30,
  },
};

test("the config of the manual stands, and its defaults are filled in", () => {
  const config = defineConfig({
    hostname: "mx.example.com",
    endpoints: {
      helpdesk: { url: "https://app.example.com/hooks/mail" },
      billing: { queue: "arn:aws:sqs:eu-west-1:111122223333:billing-mail" },
    },
    routes: [
      { name: "spoofed", when: { dmarc: "fail" }, quarantine: "DMARC failed" },
      { name: "loops", when: { kind: ["auto-reply", "bounce"] }, drop: "a loop" },
      { name: "gone", when: { recipient: "old@example.com" }, reject: "This mailbox takes no mail" },
      {
        name: "replies",
        when: { recipient: "reply+{ticket}@example.com" },
        to: ["helpdesk"],
        continue: true,
      },
      { name: "invoices", when: { recipient: "billing@example.com", hasAttachments: true }, to: "billing" },
    ],
  });
  const { smtp, ...parsed } = parseConfig({ $schema: "docs/config.schema.json", ...config });
  assert.deepEqual(smtp, smtpDefaults);
  assert.deepEqual(parsed, {
    $schema: "docs/config.schema.json",
    ...config,
    routes: [
      { name: "spoofed", when: { dmarc: ["fail"] }, quarantine: "DMARC failed" },
      { name: "loops", when: { kind: ["auto-reply", "bounce"] }, drop: "a loop" },
      { name: "gone", when: { recipient: ["old@example.com"] }, reject: "This mailbox takes no mail" },
      {
        name: "replies",
        when: { recipient: ["reply+{ticket}@example.com"] },
        to: ["helpdesk"],
        continue: true,
      },
      {
        name: "invoices",
        when: { recipient: ["billing@example.com"], hasAttachments: true },
        to: ["billing"],
      },
    ],
    postmaster: ["helpdesk"],
    limits: { messageMaxSizeBytes: 41943040, recipientsMax: 100, hopsMax: 100 },
    validate: { trustedArcSealers: [], findDuplicates: false },
  });
});

test("a checked config, sent as JSON, is the same config", () => {
  const config = parseConfig(
    when({ recipient: "{x}@a.test", not: { header: { "X-Tag": "a" } }, minSize: 1 }),
  );
  assert.deepEqual(parseConfig(JSON.parse(JSON.stringify(config))), config);
});

const good = [
  [
    "every condition at once",
    when({
      recipient: ["a@b.test", "*"],
      mailFrom: "<>",
      from: "*@b.test",
      subject: "*invoice*",
      header: { "X-Tag": ["a", "b"] },
      remoteIp: ["192.0.2.0/24", "2001:db8::1"],
      minSize: 0,
      maxSize: 10,
      hasAttachments: false,
      attachmentType: "image/*",
      spf: "pass",
      dkim: ["none"],
      dmarc: "fail",
      arc: "pass",
      kind: "list",
      tls: true,
      not: { recipient: "c@b.test" },
    }),
  ],
  ["an unconditional route", route({ drop: "all the rest" })],
  [
    "a plain URL for a service of one's own network",
    endpoint({ url: "http://10.0.0.1/", allowPrivateAddress: true }),
  ],
  ["a queue in another partition", endpoint({ queue: "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:q" })],
  ["two endpoints for postmaster", written({ postmaster: ["inbox", "helpdesk"] })],
] as const;

for (const [sentence, config] of good)
  test(`it takes ${sentence}`, () => assert.deepEqual(problemsOf(config), []));

const many = (count: number, one: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => one(index));
const endpoints = (count: number) =>
  written({
    endpoints: {
      inbox: { sink: true },
      ...Object.fromEntries(many(count - 1, (n) => `e${n}`).map((key) => [key, { sink: true }])),
    },
  });
const routes = (count: number) =>
  written({ routes: [rest, ...many(count - 1, (n) => `r${n}`).map((name) => ({ name, drop: "x" }))] });
const headers = (count: number) =>
  when({ header: Object.fromEntries(many(count, (n) => `X-${n}`).map((key) => [key, "x"])) });
const domain = "@example.com";

/** Each limit: a config at it, which stands, and one past it, which does not. */
const limits: readonly (readonly [string, (size: number) => unknown, number, number])[] = [
  ["endpoints", endpoints, 100, 101],
  ["at least one endpoint", (count) => (count === 1 ? endpoints(1) : written({ endpoints: {} })), 1, 0],
  ["routes", routes, 1000, 1001],
  [
    "characters of an address pattern",
    (length) => when({ recipient: "a".repeat(length - domain.length) + domain }),
    320,
    321,
  ],
  ["characters of a text pattern", (length) => when({ subject: "a".repeat(length) }), 320, 321],
  ["characters of a text pattern at least", (length) => when({ subject: "a".repeat(length) }), 1, 0],
  ["values of a condition", (count) => when({ recipient: many(count, (n) => `a${n}@b.test`) }), 100, 101],
  ["header fields of a condition", headers, 20, 21],
  ["characters of a field's name", (length) => when({ header: { ["X".repeat(length)]: "x" } }), 78, 79],
  ["characters of a name", (length) => route({ name: "x".repeat(length), drop: "x" }), 63, 64],
  ["characters of a reason to drop", (length) => route({ drop: "x".repeat(length) }), 200, 201],
  ["characters of a reason to quarantine", (length) => route({ quarantine: "x".repeat(length) }), 200, 201],
  ["characters of a reject", (length) => route({ reject: "x".repeat(length) }), 400, 401],
  ["characters of a URL", (length) => endpoint({ url: "https://a.test/".padEnd(length, "x") }), 2048, 2049],
  [
    "networks with bare newlines",
    (count) => written({ smtp: { bareNewlinesFlaggedFrom: many(count, (n) => `192.0.2.${n}`) } }),
    100,
    101,
  ],
  [
    "messageMaxSizeBytes at least",
    (messageMaxSizeBytes) => written({ limits: { messageMaxSizeBytes } }),
    65536,
    65535,
  ],
  [
    "messageMaxSizeBytes at most",
    (messageMaxSizeBytes) => written({ limits: { messageMaxSizeBytes } }),
    157286400,
    157286401,
  ],
  ["recipientsMax at least", (recipientsMax) => written({ limits: { recipientsMax } }), 100, 99],
  ["recipientsMax at most", (recipientsMax) => written({ limits: { recipientsMax } }), 1000, 1001],
  ["hopsMax at least", (hopsMax) => written({ limits: { hopsMax } }), 100, 99],
  ["hopsMax at most", (hopsMax) => written({ limits: { hopsMax } }), 1000, 1001],
];

for (const [sentence, config, at, past] of limits) {
  test(`limit: ${sentence}: ${at} stands, ${past} does not`, () => {
    assert.deepEqual(problemsOf(config(at)), []);
    assert.notDeepEqual(problemsOf(config(past)), []);
  });
}
