import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createSendToBus } from "../../functions/aws/event-bus.ts";
import { describeError, PermanentError } from "../../functions/mail/errors.ts";
import { emulatedIdentity } from "./emulated.ts";
import { type Answer, startScripted } from "./scripted.ts";

Object.assign(process.env, emulatedIdentity);
const arn = "arn:aws:events:us-east-1:111122223333:event-bus/mail";
const event = { type: "mail.received", at: "2026-01-02T03:04:05.678Z", detail: '{"data":{"id":"1"}}' };

async function setUp(answer: () => Answer) {
  const server = await startScripted(answer);
  after(server.close);
  return { server, send: createSendToBus(server.endpoint) };
}

const json = (body: object): Answer => ({ body: JSON.stringify(body) });

test("an event is put on its bus, with its type and time", async () => {
  const { server, send } = await setUp(() => json({ FailedEntryCount: 0, Entries: [{ EventId: "1" }] }));
  await send(arn, event);
  const [asked] = server.asked;
  assert.equal(asked?.headers["x-amz-target"], "AWSEvents.PutEvents");
  assert.deepEqual(JSON.parse(String(asked?.body)), {
    Entries: [
      {
        EventBusName: arn,
        Source: "mailchute",
        DetailType: "mail.received",
        Time: Date.parse(event.at) / 1000,
        Detail: event.detail,
      },
    ],
  });
});

test("an entry that EventBridge refuses is an error, though the call succeeds", async () => {
  const refused = { ErrorCode: "InternalFailure", ErrorMessage: "try again" };
  const { send } = await setUp(() => json({ FailedEntryCount: 1, Entries: [refused] }));
  await assert.rejects(send(arn, event), (error) => {
    assert.equal(describeError(error), `event bus ${arn}: InternalFailure: try again`);
    return true;
  });
});

test("a call that fails is an error that names the bus", async () => {
  const denied = { status: 400, body: JSON.stringify({ __type: "AccessDeniedException", message: "no" }) };
  const { send } = await setUp(() => denied);
  await assert.rejects(send(arn, event), { message: `event bus ${arn}` });
});

test("a bus of another region can never be reached", async () => {
  const { server, send } = await setUp(() => json({}));
  await assert.rejects(send(arn.replace("us-east-1", "eu-west-1"), event), PermanentError);
  assert.equal(server.asked.length, 0);
});
