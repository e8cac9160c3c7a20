import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as z from "zod";
import { ParsedMessage } from "../../functions/mail/messages.ts";
import { parse } from "../../functions/parse/parse.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { parseData, storeRaw } from "./parse-data.ts";

/** What a mail of the corpus must come to. All warnings are listed; of the rest, what the sentence is about. */
const Expectation = z.looseObject({ sentence: z.string(), warnings: z.array(z.string()).default([]) });

const corpus = new URL("../corpus/", import.meta.url);
const names = readdirSync(corpus).flatMap((file) =>
  file.endsWith(".eml") ? [file.slice(0, -".eml".length)] : [],
);

for (const name of names) {
  const json: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, corpus), "utf8"));
  const { sentence, ...rest } = Expectation.parse(json);
  const expected = { isParsed: true, ...rest };
  test(`${name}: ${sentence}`, async () => {
    const message = ParsedMessage.parse(await parseData(readFileSync(new URL(`${name}.eml`, corpus))));
    const codes = message.warnings.map(({ code }) => code);
    assert.deepEqual(pick({ ...message, warnings: codes }, expected), expected);
  });
}

/** Of `actual`, what `expected` speaks of; lists are of one length or taken whole. */
function pick(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length === expected.length) {
    return expected.map((item, index) => pick(actual[index], item));
  }
  if (!isRecord(actual) || !isRecord(expected)) return actual;
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, pick(actual[key], value)]));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The message, and what lies in the store, of a mail that comes in pieces of that size. */
async function parseInPieces(data: Uint8Array, sizeBytes: number): Promise<unknown> {
  const store = createMemoryStore();
  const key = await storeRaw(data, store);
  const [object, bytes] = [await store.get(key), store.objects.get(key)?.bytes];
  assert.ok(object !== null && bytes !== undefined);
  const body = (async function* () {
    for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
  })();
  return [await parse(key, { ...object, body }, { store }), store.objects];
}

test("a mail comes to the same, however its bytes are cut", async () => {
  for (const name of names) {
    const mail = readFileSync(new URL(`${name}.eml`, corpus));
    const whole = await parseInPieces(mail, Number.POSITIVE_INFINITY);
    for (const sizeBytes of [1, 2, 7, 100])
      assert.deepEqual(await parseInPieces(mail, sizeBytes), whole, `${name}, ${sizeBytes} at a time`);
  }
});
