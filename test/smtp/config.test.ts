import assert from "node:assert/strict";
import { test } from "node:test";
import { readSmtpSettings } from "../../functions/smtp/config.ts";

const read = [
  [
    "nothing set",
    {},
    {
      host: "::",
      listeners: [{ protocol: "smtp", port: 2525 }],
      healthPort: null,
      tls: { files: [], secrets: [], reloadMs: 300_000 },
      limits: {},
    },
  ],
  ["a port", { MAILCHUTE_SMTP_PORT: "25" }, { listeners: [{ protocol: "smtp", port: 25 }] }],
  [
    "every port",
    { MAILCHUTE_SMTPS_PORT: "465", MAILCHUTE_LMTP_PORT: "24", MAILCHUTE_HEALTH_PORT: "8080" },
    {
      listeners: [
        { protocol: "smtp", port: 2525 },
        { protocol: "smtps", port: 465 },
        { protocol: "lmtp", port: 24 },
      ],
      healthPort: 8080,
    },
  ],
  [
    "a certificate",
    { MAILCHUTE_TLS_CERT_FILE: "/c.pem", MAILCHUTE_TLS_KEY_FILE: "/k.pem" },
    { tls: { files: [{ certFile: "/c.pem", keyFile: "/k.pem" }], secrets: [] } },
  ],
  [
    "several certificates",
    {
      MAILCHUTE_TLS_CERT_FILE: "/c.pem, /d.pem",
      MAILCHUTE_TLS_KEY_FILE: "/k.pem,/l.pem",
      MAILCHUTE_TLS_SECRET: "one,two",
      MAILCHUTE_TLS_RELOAD_SECONDS: "60",
    },
    {
      tls: {
        files: [
          { certFile: "/c.pem", keyFile: "/k.pem" },
          { certFile: "/d.pem", keyFile: "/l.pem" },
        ],
        secrets: ["one", "two"],
        reloadMs: 60_000,
      },
    },
  ],
  [
    "limits",
    {
      MAILCHUTE_CONNECTIONS_MAX: "5000",
      MAILCHUTE_BUFFERED_BYTES_MAX: "1000000",
      MAILCHUTE_STOP_MS: "0",
    },
    {
      limits: {
        connectionsMax: 5000,
        maxBufferedBytes: 1_000_000,
        stopMs: 0,
      },
    },
  ],
] as const;

for (const [sentence, env, expected] of read) {
  test(`the environment is read: ${sentence}`, () => {
    assert.partialDeepStrictEqual(readSmtpSettings(env), expected);
  });
}

const refused = [
  [{ MAILCHUTE_SMTP_PORT: "65536" }, /^MAILCHUTE_SMTP_PORT is "65536" but must be a port from 0 to 65535$/],
  [{ MAILCHUTE_SMTP_PORT: "" }, /^MAILCHUTE_SMTP_PORT is "" but must be/],
  [
    { MAILCHUTE_STOP_MS: "5s", MAILCHUTE_CONNECTIONS_MAX: "-1" },
    /MAILCHUTE_CONNECTIONS_MAX .*; MAILCHUTE_STOP_MS /,
  ],
  [{ MAILCHUTE_LMTP_PORT: "25" }, /^MAILCHUTE_LMTP_PORT is "25" but must be .*, and not 25$/],
  [{ MAILCHUTE_TLS_RELOAD_SECONDS: "0" }, /^MAILCHUTE_TLS_RELOAD_SECONDS is "0" but must be a number/],
  [
    { MAILCHUTE_TLS_RELOAD_SECONDS: "86401" },
    /^MAILCHUTE_TLS_RELOAD_SECONDS is "86401" but must be a number/,
  ],
  [{ MAILCHUTE_TLS_SECRET: "one,," }, /^MAILCHUTE_TLS_SECRET is "one,," but must be/],
  [{ MAILCHUTE_TLS_CERT_FILE: "/c.pem" }, /^MAILCHUTE_TLS_KEY_FILE is not set but must be .* as many as/],
  [
    { MAILCHUTE_TLS_CERT_FILE: "/c.pem,/d.pem", MAILCHUTE_TLS_KEY_FILE: "/k.pem" },
    /^MAILCHUTE_TLS_KEY_FILE is "\/k.pem" but must be/,
  ],
  [{ MAILCHUTE_TLS_KEY_FILE: "/k.pem" }, /^MAILCHUTE_TLS_CERT_FILE is not set but must be/],
] as const;

for (const [env, message] of refused) {
  test(`the environment is refused: ${JSON.stringify(env)}`, () => {
    assert.throws(() => readSmtpSettings(env), { message });
  });
}
