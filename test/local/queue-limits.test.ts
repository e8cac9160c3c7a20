import assert from "node:assert/strict";
import { test } from "node:test";
import { PermanentError } from "../../functions/mail/errors.ts";
import type { OutgoingMessage, ReceiveOptions } from "../../functions/mail/ports.ts";
import { queueLimits } from "../../infra/local/queue/limits.ts";
import { bodiesOf, receive, withSetup } from "./queue-setup.ts";

const attributes = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, "v"]));

const sends: readonly (readonly [string, OutgoingMessage, RegExp | null])[] = [
  ["a body of 1 MiB", { body: "x".repeat(1024 * 1024) }, null],
  ["a body of 1 MiB and a byte", { body: "x".repeat(1024 * 1024 + 1) }, /1048577 bytes: at most 1048576/],
  [
    "attributes that count with the body",
    { body: "x".repeat(1024 * 1024 - 4), attributes: { ab: "cd" } },
    null,
  ],
  [
    "attributes that make a message too large",
    { body: "x".repeat(1024 * 1024 - 3), attributes: { ab: "cd" } },
    /1048577 bytes/,
  ],
  ["an empty body", { body: "" }, /an empty body or attribute/],
  ["an empty attribute", { body: "x", attributes: { reason: "" } }, /an empty body or attribute/],
  [
    "tab, line feed, carriage return and all of Unicode",
    { body: "\t\n\r ~\u{7f}\u{d7ff}\u{e000}\u{fffd}\u{10ffff}" },
    null,
  ],
  ["a NUL", { body: "a\0" }, /U\+0/],
  ["a control character", { body: "\u{1f}" }, /U\+1f/],
  ["a lone surrogate", { body: "\u{d800}" }, /U\+d800/],
  ["U+FFFF", { body: "\u{ffff}" }, /U\+ffff/],
  ["a control character in an attribute", { body: "x", attributes: { reason: "\u{1b}[2J" } }, /U\+1b/],
  ["10 attributes", { body: "x", attributes: attributes(10) }, null],
  ["11 attributes", { body: "x", attributes: attributes(11) }, /attributes is 11: must be .* from 0 to 10/],
  ["a group of 128 characters", { body: "x", groupId: "g".repeat(128) }, null],
  ["a group of 129 characters", { body: "x", groupId: "g".repeat(129) }, /group id length is 129/],
  ["an empty group", { body: "x", groupId: "" }, /group id length is 0/],
  ["a delay of 900 s", { body: "x", delaySeconds: 900 }, null],
  [
    "a delay of 901 s",
    { body: "x", delaySeconds: 901 },
    /delay is 901: must be a whole number from 0 to 900/,
  ],
  ["a delay of half a second", { body: "x", delaySeconds: 0.5 }, /delay is 0.5/],
];

for (const [what, message, refusal] of sends) {
  test(
    `${what} is ${refusal === null ? "taken" : "refused, and nothing is sent"}`,
    withSetup(async ({ queue, clock }) => {
      const sent = queue().send([{ body: "with it" }, message]);
      if (refusal === null) await sent;
      else await assert.rejects(sent, isPermanent(refusal));
      clock.pass(queueLimits.delayMaxSeconds * 1000);
      const expected = refusal === null ? ["with it", message.body] : [];
      assert.deepEqual(bodiesOf(await receive(queue())).toSorted(), expected.toSorted());
    }),
  );
}

const receives: readonly (readonly [string, Partial<ReceiveOptions>, RegExp | null])[] = [
  ["10 messages", { max: 10 }, null],
  ["11 messages", { max: 11 }, /max is 11/],
  ["0 messages", { max: 0 }, /max is 0/],
  ["a wait of 21 s", { waitSeconds: 21 }, /wait is 21/],
  ["a visibility timeout of 12 hours", { visibilityTimeoutSeconds: 43_200 }, null],
  [
    "a visibility timeout of 12 hours and a second",
    { visibilityTimeoutSeconds: 43_201 },
    /visibility timeout is 43201/,
  ],
  [
    "a visibility timeout that is no number",
    { visibilityTimeoutSeconds: Number.NaN },
    /visibility timeout is NaN/,
  ],
];

for (const [what, options, refusal] of receives) {
  test(
    `a receive of ${what} is ${refusal === null ? "taken" : "refused"}`,
    withSetup(async ({ queue }) => {
      if (refusal === null) assert.deepEqual(await receive(queue(), options), []);
      else await assert.rejects(receive(queue(), options), isPermanent(refusal));
    }),
  );
}

test(
  "a visibility can be changed to 12 hours and not to more",
  withSetup(async ({ queue }) => {
    await queue().send([{ body: "x" }]);
    const [message] = await receive(queue());
    await queue().changeVisibility(message?.receiptHandle ?? "", 43_200);
    await assert.rejects(queue().changeVisibility(message?.receiptHandle ?? "", 43_201), /is 43201/);
    await assert.rejects(queue().changeVisibility(message?.receiptHandle ?? "", -1), /is -1/);
  }),
);

const isPermanent = (message: RegExp) => (error: unknown) =>
  error instanceof PermanentError && message.test(error.message);
