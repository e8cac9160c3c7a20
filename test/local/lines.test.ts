import assert from "node:assert/strict";
import { test } from "node:test";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { formatLine } from "../../infra/local/lines.ts";

const event: StageEvent = {
  at: "2026-01-02T03:04:05.678Z",
  stage: "parse",
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  outcome: "parsed",
  durationMs: 12.3,
  detail: {},
};
const head = "03:04:05.678 parse    parsed      01890a5d-ac96-774b-bcce-b302099a8057   12ms";

const rows: readonly [string, StageEvent["detail"], string][] = [
  [
    "a plain value stands as it is",
    { to: "a@example.com", count: 1, isTls: true, from: null },
    " to=a@example.com count=1 isTls=true from=null",
  ],
  ["a value with white space is quoted", { subject: "Hello there" }, ' subject="Hello there"'],
  ["an empty value can be seen", { subject: "" }, ' subject=""'],
  [
    "a subject cannot steer the terminal",
    { subject: "\x1b[2J\r\nready" },
    ' subject="\\u{1b}[2J\\u{d}\\u{a}ready"',
  ],
  ["a subject cannot turn the line around", { subject: "\u202egpj" }, ' subject="\\u{202e}gpj"'],
  ["a quote does not end the value", { subject: 'a" to=b' }, ' subject="a\\" to=b"'],
  ["120 characters stand whole", { subject: "x".repeat(120) }, ` subject=${"x".repeat(120)}`],
  ["one more is cut", { subject: "x".repeat(121) }, ` subject="${"x".repeat(120)}…"`],
];

for (const [name, detail, expected] of rows) {
  test(name, () => assert.equal(formatLine({ ...event, detail }), head + expected));
}
