import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../../infra/local/settings.ts";

test("nothing set means the defaults", () => {
  assert.deepEqual(readSettings({}), {
    host: "127.0.0.1",
    smtpPort: 2525,
    httpPort: 8025,
    folder: ".mailchute",
    configFile: "mailchute.config.ts",
    listeners: [],
    certificates: [],
  });
});

test("other listeners and certificates are set as for the container", () => {
  const env = {
    MAILCHUTE_SMTPS_PORT: "4650",
    MAILCHUTE_LMTP_PORT: "0",
    MAILCHUTE_TLS_CERT_FILE: "c.pem",
    MAILCHUTE_TLS_KEY_FILE: "k.pem",
  };
  assert.partialDeepStrictEqual(readSettings(env), {
    listeners: [
      { protocol: "smtps", port: 4650 },
      { protocol: "lmtp", port: 0 },
    ],
    certificates: [{ certFile: "c.pem", keyFile: "k.pem" }],
  });
});

const accepted: readonly [string, string, number][] = [
  ["port 0 means any free one", "0", 0],
  ["65535 is the last port", "65535", 65535],
];
for (const [name, value, port] of accepted) {
  test(name, () => assert.equal(readSettings({ MAILCHUTE_SMTP_PORT: value }).smtpPort, port));
}

const refused: readonly [string, Record<string, string>, string][] = [
  [
    "65536 is no port",
    { MAILCHUTE_SMTP_PORT: "65536" },
    'MAILCHUTE_SMTP_PORT is "65536" but must be a port from 0 to 65535',
  ],
  [
    "a word is no port",
    { MAILCHUTE_HTTP_PORT: "web" },
    'MAILCHUTE_HTTP_PORT is "web" but must be a port from 0 to 65535',
  ],
  [
    "an empty port is no port",
    { MAILCHUTE_HTTP_PORT: "" },
    'MAILCHUTE_HTTP_PORT is "" but must be a port from 0 to 65535',
  ],
  [
    "LMTP is not for SMTP's port",
    { MAILCHUTE_LMTP_PORT: "25" },
    'MAILCHUTE_LMTP_PORT is "25" but must be a port from 0 to 65535, and not 25',
  ],
  [
    "an empty folder is no folder",
    { MAILCHUTE_DATA_DIR: "" },
    'MAILCHUTE_DATA_DIR is "" but must be the path of a folder',
  ],
];
for (const [name, env, message] of refused) {
  test(name, () => assert.throws(() => readSettings(env), { name: "StartError", message }));
}
