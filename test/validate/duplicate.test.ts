import assert from "node:assert/strict";
import { test } from "node:test";
import type { Envelope } from "../../functions/mail/messages.ts";
import { findDuplicate } from "../../functions/validate/duplicate.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { envelope, id, parsedMessage } from "./mail.ts";

const otherId = "01890a5d-ac96-774b-bcce-b302099a8058";
const warning = [{ code: "duplicate", detail: `the Message-ID came before, with ${id}` }];
const { message } = parsedMessage();

const rows: readonly [string, string, Partial<Envelope>, string | null, typeof warning][] = [
  ["the same Message-ID for the same recipients is a duplicate", otherId, {}, "<1@sender.example>", warning],
  ["the same mail once more is not", id, {}, "<1@sender.example>", []],
  ["another Message-ID is not", otherId, {}, "<2@sender.example>", []],
  ["mail without a Message-ID is not", otherId, {}, null, []],
  [
    "the same mail for other recipients is not",
    otherId,
    { rcptTo: ["eve@receiver.test"] },
    "<1@sender.example>",
    [],
  ],
  [
    "recipients in another case, or twice, are the same",
    otherId,
    { rcptTo: ["BOB@receiver.test", "bob@receiver.test"] },
    "<1@sender.example>",
    warning,
  ],
];

for (const [sentence, secondId, changes, messageId, expected] of rows)
  test(sentence, async () => {
    const store = createMemoryStore();
    assert.deepEqual(await findDuplicate(parsedMessage(), store), []);
    const second = parsedMessage({
      id: secondId,
      envelope: { ...envelope, ...changes },
      message: { ...message, messageId },
    });
    assert.deepEqual(await findDuplicate(second, store), expected);
    assert.deepEqual(await findDuplicate(second, store), expected, "and again");
  });

test("a first one that has expired is forgotten", async () => {
  const store = { put: async () => "exists" as const, get: async () => null };
  assert.deepEqual(await findDuplicate(parsedMessage(), store), []);
});

test("a store that fails brings the mail back", async () => {
  const fail = async () => {
    throw new Error("out of reach");
  };
  await assert.rejects(findDuplicate(parsedMessage(), { put: fail, get: fail }), /out of reach/);
});
