import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { MailReceived } from "../../functions/deliver/payload.ts";
import { webhookPagePath } from "../../infra/docs/webhook.ts";

test("the example of the page is a payload, with every field and no other", async () => {
  const page = await readFile(webhookPagePath, "utf8");
  const [, json = ""] = /^## An example\n\n```json\n(.*?)^```$/ms.exec(page) ?? [];
  const example: unknown = JSON.parse(json);
  assert.deepEqual(MailReceived.parse(example), example);
});
