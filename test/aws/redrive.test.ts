import assert from "node:assert/strict";
import { test } from "node:test";
import { redrive } from "../../functions/aws/redrive.ts";
import { setUp } from "../local/queue-setup.ts";

const letter = (n: number, groupId?: string) => ({
  body: `{"n":${n}}`,
  attributes: { stage: "deliver", reason: "410" },
  ...(groupId === undefined ? {} : { groupId }),
});

test("all dead letters go back, body and group as they were, reason aside", async (context) => {
  const { queue, deadLetters, clock, close } = await setUp();
  context.after(close);
  await deadLetters().send([...Array.from({ length: 24 }, (_, n) => letter(n)), letter(24, "helpdesk")]);
  const moving = redrive(deadLetters(), queue(), { untilMs: clock.now() });
  // The last look waits a second.
  const ended = moving.then(() => "ended");
  while ((await Promise.race([ended, new Promise((resolve) => setImmediate(resolve))])) !== "ended")
    clock.pass(100);
  assert.equal(await moving, 25);
  assert.equal((await deadLetters().depth()).visible + (await deadLetters().depth()).inFlight, 0);
  const back = [];
  for (let n = 0; n < 3; n++)
    back.push(...(await queue().receive({ max: 10, waitSeconds: 0, visibilityTimeoutSeconds: 9 })));
  assert.deepEqual(
    back
      .map(({ body, groupId, attributes, receiveCount }) => ({ body, groupId, attributes, receiveCount }))
      .sort((one, two) => (one.body < two.body ? -1 : 1)),
    Array.from({ length: 25 }, (_, n) => ({
      body: `{"n":${n}}`,
      groupId: n === 24 ? "helpdesk" : null,
      attributes: {},
      receiveCount: 1,
    })).sort((one, two) => (one.body < two.body ? -1 : 1)),
  );
});

test("what dies while they go back stays dead", async (context) => {
  const { queue, deadLetters, clock, close } = await setUp();
  context.after(close);
  await deadLetters().send([letter(1)]);
  const untilMs = clock.now();
  // Each letter that goes back dies at once.
  const dying = {
    ...queue(),
    send: async (messages: Parameters<ReturnType<typeof queue>["send"]>[0]) => {
      clock.pass(1);
      await deadLetters().send(messages);
    },
  };
  assert.equal(await redrive(deadLetters(), dying, { untilMs }), 1);
});

test("letters whose way back fails stay", async (context) => {
  const { queue, deadLetters, clock, close } = await setUp();
  context.after(close);
  await deadLetters().send([letter(1)]);
  const failing = {
    ...queue(),
    send: async () => {
      throw new Error("out of reach");
    },
  };
  await assert.rejects(redrive(deadLetters(), failing, { untilMs: clock.now() }), /out of reach/);
  assert.equal((await deadLetters().depth()).inFlight, 1);
});

test("no more go back than were asked for", async (context) => {
  const { queue, deadLetters, clock, close } = await setUp();
  context.after(close);
  await deadLetters().send(Array.from({ length: 15 }, (_, n) => letter(n)));
  const untilMs = clock.now();
  assert.equal(await redrive(deadLetters(), queue(), { max: 12, untilMs }), 12);
  assert.equal((await deadLetters().depth()).visible, 3);
});
