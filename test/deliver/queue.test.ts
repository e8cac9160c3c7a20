import assert from "node:assert/strict";
import { test } from "node:test";
import { MailReceived } from "../../functions/deliver/payload.ts";
import { finished, returned } from "../validate/handler-deps.ts";
import { id } from "../validate/mail.ts";
import { validatedMessage } from "./routed.ts";
import { arn, setUp } from "./set-up.ts";

test("a queue gets the same JSON, with its webhook-id", async () => {
  const { handle, observed } = setUp({ routed: { endpoint: "billing" } });
  assert.deepEqual(await handle(), finished);
  const [message] = observed.sent.get(arn) ?? [];
  assert.equal(MailReceived.parse(JSON.parse(message?.body ?? "")).data.id, id);
  assert.deepEqual(message?.attributes, { "webhook-id": `msg_${id.replaceAll("-", "")}_billing` });
  assert.partialDeepStrictEqual(observed.events, [
    { outcome: "delivered", detail: { destination: arn, status: null } },
  ]);
});

test("a queue gets a claim check for what it cannot hold", async () => {
  const { message } = validatedMessage();
  const large = validatedMessage({ message: { ...message, text: "x".repeat(250_000) } });
  const { handle, observed } = setUp({ routed: { endpoint: "billing", message: large } });
  await handle();
  const { claimCheck } = JSON.parse(observed.sent.get(arn)?.[0]?.body ?? "");
  const stored = observed.store.objects.get(claimCheck.key)?.bytes.toString() ?? "";
  assert.equal(MailReceived.parse(JSON.parse(stored)).data.message.text, large.message.text);
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
