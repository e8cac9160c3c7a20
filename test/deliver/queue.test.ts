import assert from "node:assert/strict";
import { test } from "node:test";
import { MailClaim } from "../../functions/deliver/claim.ts";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import { MailReceived } from "../../functions/deliver/payload.ts";
import { PermanentError } from "../../functions/mail/errors.ts";
import { limits } from "../../functions/mail/limits.ts";
import { finished, returned, sqsEvent } from "../validate/handler-deps.ts";
import { id } from "../validate/mail.ts";
import { routedMessage, validatedMessage } from "./routed.ts";
import { arn, busArn, setUp } from "./set-up.ts";

const webhookId = (endpoint: string) => `msg_${id.replaceAll("-", "")}_${endpoint}`;

test("a queue gets the same JSON, with its webhook-id", async () => {
  const { handle, observed } = setUp({ routed: { endpoint: "billing" } });
  assert.deepEqual(await handle(), finished);
  const [message] = observed.sent.get(arn) ?? [];
  assert.equal(MailReceived.parse(JSON.parse(message?.body ?? "")).data.id, id);
  assert.deepEqual(message?.attributes, { "webhook-id": webhookId("billing") });
  assert.partialDeepStrictEqual(observed.events, [
    { outcome: "delivered", detail: { destination: arn, status: null } },
  ]);
});

test("a bus gets the same JSON, with its webhook-id in it", async () => {
  const { handle, observed, bus } = setUp({ routed: { endpoint: "ledger" } });
  assert.deepEqual(await handle(), finished);
  const [[to, event] = []] = bus;
  assert.deepEqual([to, event?.type, event?.at], [busArn, "mail.received", routedMessage().receivedAt]);
  const { webhookId: sent, ...payload } = JSON.parse(event?.detail ?? "");
  assert.equal(sent, webhookId("ledger"));
  assert.equal(MailReceived.parse(payload).data.id, id);
  assert.partialDeepStrictEqual(observed.events, [{ outcome: "delivered", detail: { destination: busArn } }]);
});

/** A mail whose payload is just that large. */
async function mailOf(sizeBytes: number) {
  const { message } = validatedMessage();
  const mail = (length: number) => validatedMessage({ message: { ...message, text: "x".repeat(length) } });
  const { handle, observed } = setUp({ routed: { endpoint: "billing", message: mail(0) } });
  await handle();
  const emptyBytes = Buffer.byteLength(observed.sent.get(arn)?.[0]?.body ?? "");
  return mail(sizeBytes - emptyBytes);
}

test("what fits goes as it is; a byte more goes as a claim, which tells where the JSON lies", async () => {
  const fits = setUp({
    routed: { endpoint: "billing", message: await mailOf(limits.queueBodyInlineMaxBytes) },
  });
  await fits.handle();
  assert.equal(
    Buffer.byteLength(fits.observed.sent.get(arn)?.[0]?.body ?? ""),
    limits.queueBodyInlineMaxBytes,
  );
  const large = await mailOf(limits.queueBodyInlineMaxBytes + 1);
  const { handle, observed } = setUp({ routed: { endpoint: "billing", message: large } });
  await handle();
  const { type, timestamp, claimCheck } = MailClaim.parse(
    JSON.parse(observed.sent.get(arn)?.[0]?.body ?? ""),
  );
  assert.deepEqual([type, timestamp], ["mail.received", routedMessage().receivedAt]);
  assert.equal(claimCheck.bucket, observed.store.bucket);
  assert.equal(claimCheck.url, `https://store.test/${claimCheck.key}`);
  assert.equal(claimCheck.sizeBytes, limits.queueBodyInlineMaxBytes + 1);
  const stored = observed.store.objects.get(claimCheck.key)?.bytes.toString() ?? "";
  assert.equal(MailReceived.parse(JSON.parse(stored)).data.message.text, large.message.text);
});

test("a bus gets a claim for what is too large", async () => {
  const message = await mailOf(limits.queueBodyInlineMaxBytes + 1);
  const { handle, bus } = setUp({ routed: { endpoint: "ledger", message } });
  await handle();
  const detail = JSON.parse(bus[0]?.[1].detail ?? "");
  assert.equal(detail.webhookId, webhookId("ledger"));
  assert.equal(MailClaim.parse(detail).claimCheck.sizeBytes, limits.queueBodyInlineMaxBytes + 1);
});

test("a queue that fails is tried again on the schedule of webhooks", async () => {
  const { handle, observed, deps } = setUp({ routed: { endpoint: "billing" } });
  observed.failNextSend = arn;
  assert.deepEqual([await handle(3), observed.delays], [returned, [120]]);
  assert.partialDeepStrictEqual(observed.events, [
    { outcome: "retry", detail: { reason: "queue: queue out of reach" } },
  ]);
  assert.deepEqual(await handle(4), finished);
  assert.equal(deps.sent.get(arn)?.length, 1);
});

for (const [sentence, error, expected, outcome] of [
  [
    "that fails is tried again",
    new Error("throttled"),
    returned,
    { outcome: "retry", detail: { reason: "bus: throttled" } },
  ],
  [
    "that can never be reached is a dead letter",
    new PermanentError("elsewhere"),
    finished,
    { outcome: "dead", detail: { reason: "elsewhere" } },
  ],
] as const)
  test(`a bus ${sentence}`, async () => {
    const { deps, observed } = setUp();
    const sendToBus = async () => {
      throw error;
    };
    const handle = createDeliverHandler({ ...deps, sendToBus });
    assert.deepEqual(await handle(sqsEvent(routedMessage({ endpoint: "ledger" }))), expected);
    assert.partialDeepStrictEqual(observed.events, [outcome]);
    assert.equal(observed.sent.get("deliver-dead")?.length ?? 0, expected === finished ? 1 : 0);
  });
