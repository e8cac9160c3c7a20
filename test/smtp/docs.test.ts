import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as z from "zod";
import { parseConfig } from "../../functions/mail/config.ts";
import { readSmtpSettings } from "../../functions/smtp/config.ts";
import { createTally, type Defence } from "../../functions/smtp/defences.ts";
import { serverLimits } from "../../functions/smtp/limits.ts";
import * as protocol from "../../functions/smtp/protocol/limits.ts";
import {
  challenge,
  greeting,
  hello,
  recipientRejected,
  replies,
  stored,
} from "../../functions/smtp/protocol/reply.ts";
import { proxyBodyMaxOctets } from "../../functions/smtp/proxy-header.ts";
import { transcriptLinesMax, transcriptTextMax } from "../../functions/smtp/transcript.ts";

const text = readFileSync(new URL("../../docs/smtp.md", import.meta.url), "utf8");
const cells = text
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, first = "", second = ""]) => [first, second] as const);
const documented = new Map(cells);

const config = parseConfig({
  hostname: "mx.test",
  endpoints: { inbox: { sink: true } },
  routes: [{ name: "all", when: { recipient: "*@mx.test" }, to: "inbox" }],
});

/** Numbers by their path. */
function numbersIn(value: unknown, path = ""): readonly (readonly [string, number])[] {
  if (typeof value === "number") return [[path, value]];
  const entries = z.record(z.string(), z.unknown()).safeParse(value);
  return entries.success
    ? Object.entries(entries.data).flatMap(([name, inner]) =>
        numbersIn(inner, path === "" ? name : `${path}.${name}`),
      )
    : [];
}

const { connectionsMax, maxBufferedBytes, stopMs, ...fixed } = serverLimits;
const { protocolLimits: _, ...lines } = protocol;
const limits = [
  ...numbersIn(config.limits),
  ...numbersIn(config.smtp),
  ...numbersIn({ ...fixed, ...lines, proxyBodyMaxOctets, transcriptLinesMax, transcriptTextMax }),
  ...numbersIn({
    MAILCHUTE_CONNECTIONS_MAX: connectionsMax,
    MAILCHUTE_BUFFERED_BYTES_MAX: maxBufferedBytes,
    MAILCHUTE_STOP_MS: stopMs,
  }),
];

for (const [name, value] of limits) {
  test(`docs/smtp.md says that ${name} is ${value}`, () =>
    assert.equal(documented.get(`\`${name}\``), String(value)));
}

test("docs/smtp.md has every reply, and no other", () => {
  const given = [
    ...Object.values(replies),
    ...[challenge(""), greeting("", "smtp"), hello("", []), recipientRejected(""), stored("")],
  ].map(({ code, status }) => (status === null ? String(code) : `${code} ${status}`));
  const said = cells.map(([first]) => first).filter((first) => /^\d{3}(?: |$)/.test(first));
  assert.deepEqual(said, [...new Set(given)].sort());
});

test("docs/smtp.md has every defence", () => {
  const events: string[] = [];
  const tally = createTally({ log: ({ outcome }) => events.push(outcome), now: Date.now });
  for (const reply of Object.values(replies)) tally.noteReply(reply, "");
  tally.flush();
  const byThemselves: readonly Defence[] = ["proxy-header", "tls-handshake"];
  for (const word of [...events, ...byThemselves]) assert.ok(documented.has(`\`${word}\``), word);
});

test("docs/smtp.md has every variable of the container", () => {
  const names = /MAILCHUTE_\w+/g;
  const asked: string[] = [];
  readSmtpSettings(
    new Proxy<Record<string, string>>(
      {},
      {
        get: (_env, name) => {
          if (typeof name === "string" && name.startsWith("MAILCHUTE_")) asked.push(name);
          return undefined;
        },
      },
    ),
  );
  assert.ok(asked.length > 5);
  const said = new Set(text.match(names));
  assert.deepEqual(
    asked.filter((name) => !said.has(name)),
    [],
  );
});
