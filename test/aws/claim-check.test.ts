import assert from "node:assert/strict";
import { test } from "node:test";
import { checkIn, checkOut, messageIdIn } from "../../functions/aws/claim-check.ts";
import { PermanentError } from "../../functions/mail/errors.ts";
import { limits } from "../../functions/mail/limits.ts";
import { createMemoryStore } from "../support/memory-store.ts";

/** A JSON string of that many bytes in UTF-8, two for each letter. */
const bodyOf = (sizeBytes: number) => `"${"é".repeat((sizeBytes - 2) / 2)}"`;

test("a body at the limit travels itself", async () => {
  const store = createMemoryStore();
  const body = bodyOf(limits.queueBodyInlineMaxBytes);
  assert.equal(await checkIn(body, store), body);
  assert.equal(store.objects.size, 0);
  assert.equal(await checkOut(body, store), body);
});

test("a body one past the limit travels as a claim check, and comes back the same", async () => {
  const store = createMemoryStore();
  const body = `${bodyOf(limits.queueBodyInlineMaxBytes)} `;
  const claim = await checkIn(body, store);
  assert.match(claim, /^\{"claimCheck":\{"id":null,"key":"claims\/[0-9a-f]{2}\/[0-9a-f]{64}\.json"\}\}$/);
  assert.equal(await checkOut(claim, store), body);
});

test("a claim check names the message of its body", async () => {
  const id = "0192f0c1-2345-7abc-8def-0123456789ab";
  const body = `{"version":1,"id":"${id}","text":${bodyOf(limits.queueBodyInlineMaxBytes)}}`;
  assert.equal(messageIdIn(await checkIn(body, createMemoryStore())), id);
});

test("the same body has the same claim check, so a resend writes nothing new", async () => {
  const store = createMemoryStore();
  const body = bodyOf(limits.queueBodyInlineMaxBytes + 2);
  assert.equal(await checkIn(body, store), await checkIn(body, store));
  assert.equal(store.objects.size, 1);
});

const hopeless = [
  ["whose object is gone", '{"claimCheck":{"id":null,"key":"claims/ab/none.json"}}', /no such object/],
  ["that is not JSON", '{"claimCheck":', /not readable/],
  ["without a key", '{"claimCheck":{"id":null}}', /not readable/],
  ["with anything else in it", '{"claimCheck":{"id":null,"key":"k"},"id":"x"}', /not readable/],
] as const;

for (const [which, body, message] of hopeless) {
  test(`a claim check ${which} can never succeed`, async () => {
    await assert.rejects(checkOut(body, createMemoryStore()), (error: unknown) => {
      assert.ok(error instanceof PermanentError);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("a store that is away means again", async () => {
  const away = new Error("away");
  const store = { ...createMemoryStore(), get: async () => Promise.reject(away) };
  await assert.rejects(checkOut('{"claimCheck":{"id":null,"key":"claims/ab/x.json"}}', store), away);
});
