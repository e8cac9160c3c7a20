import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as z from "zod";
import { createPayload } from "../../functions/deliver/payload.ts";
import { openApiPath, openApiText } from "../../infra/docs/openapi.ts";
import { routedMessage } from "../deliver/routed.ts";

const Document = z.looseObject({
  openapi: z.literal("3.1.0"),
  webhooks: z.looseObject({ "mail.received": z.looseObject({ post: z.looseObject({}) }) }),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});
const text = await openApiText();
const document = Document.parse(JSON.parse(text));

test("the committed OpenAPI document is the one that the schema makes", async () => {
  assert.equal(await readFile(openApiPath, "utf8"), text);
});

test("every reference in it leads to a schema", () => {
  const references = text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g);
  const names = [...references].map(([, name = ""]) => name);
  assert.ok(names.length > 0);
  for (const name of names) assert.ok(Object.hasOwn(document.components.schemas, name), name);
  assert.doesNotMatch(text, /\$defs/);
});

test("its schema takes a payload, and refuses one with a field of another type", async () => {
  const { MailReceived, ...others } = document.components.schemas;
  const schema = JSON.stringify({ ...MailReceived, $defs: others }).replaceAll(
    "#/components/schemas/",
    "#/$defs/",
  );
  const fromJson = z.fromJSONSchema(JSON.parse(schema));
  const urls = { sign: async (key: string) => `https://store.test/${key}` };
  const payload = await createPayload(routedMessage(), { urls, now: () => 0 });
  assert.ok(fromJson.safeParse(payload).success);
  assert.ok(!fromJson.safeParse({ ...payload, timestamp: 1 }).success);
});
