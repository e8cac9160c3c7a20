import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { configJsonSchema, configSchemaPath } from "../../infra/docs/config.ts";

test("the published JSON Schema is what `node infra/docs/config.ts` writes", async () => {
  const published = JSON.parse(await readFile(configSchemaPath, "utf8"));
  assert.deepEqual(published, JSON.parse(JSON.stringify(configJsonSchema())));
});
