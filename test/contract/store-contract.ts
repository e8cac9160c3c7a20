/** What every `ObjectStore` must do, whoever implements it. */
import assert from "node:assert/strict";
import type { ByteRange } from "../../functions/mail/ports.ts";
import { type KnownGaps, type Row, runContract } from "./contract.ts";
import { objectRows } from "./store-objects.ts";
import { streamRows } from "./store-streams.ts";
import { get, read, type StoreUnderTest } from "./store-subject.ts";

export function storeContract(
  name: string,
  open: () => Promise<StoreUnderTest>,
  knownGaps: KnownGaps = {},
): void {
  runContract(name, [...objectRows, ...streamRows, ...rangeRows, ...keyRows], { open, knownGaps });
}

const rangeCases: readonly (readonly [string, ByteRange, string])[] = [
  ["from a byte to the end", { start: 3 }, "3456789"],
  ["between two bytes, both included", { start: 3, end: 5 }, "345"],
  ["of one byte", { start: 0, end: 0 }, "0"],
  ["whose end lies past the object stops at its end", { start: 8, end: 99 }, "89"],
  ["that begins at the end has no bytes", { start: 10 }, ""],
  ["that begins past the end has no bytes", { start: 11, end: 20 }, ""],
];

const rangeRows: readonly Row<StoreUnderTest>[] = rangeCases.map(([which, range, expected]) => [
  `a range ${which}`,
  async ({ store }) => {
    await store.put("digits", [Buffer.from("0123456789")], { metadata: { kind: "digits" } });
    const object = await get(store, "digits", range);
    assert.equal((await read(object)).toString(), expected);
    assert.equal(object.sizeBytes, 10);
    assert.deepEqual({ ...object.metadata }, { kind: "digits" });
    assert.equal(await store.get("none", range), null);
  },
]);

const keyCases: readonly (readonly [string, readonly string[]])[] = [
  [
    "punctuation and spaces",
    ["a b", "a+b", "a%20b", "a&b=c;d", "a'b\"c", "a<b>c", "a*b?c#d", "a\\b", "a|b:c"],
  ],
  ["any script", ["é", "e\u0301", "日本語", "😀", "\u202eabc"]],
  ["upper and lower case, which differ", ["Key", "key", "KEY"]],
  ["the same beginning", ["a", "a/b", "a/b/c"]],
  ["slashes at either end and doubled", ["/a", "a/", "a//b"]],
  ["segments that a path would resolve", ["..", ".", "../a", "a/../b", "a/./b", "../../etc/passwd"]],
  ["up to 1,024 bytes", ["k".repeat(1024), "é".repeat(512)]],
  ["names that some file systems reserve", ["con", "nul.txt", "a.", "a "]],
];

const keyRows: readonly Row<StoreUnderTest>[] = keyCases.map(([which, keys]) => [
  `keys may have ${which}`,
  async ({ store }) => {
    for (const key of keys) await store.put(key, [Buffer.from(`at ${key}`)]);
    for (const key of keys) assert.equal((await read(await get(store, key))).toString(), `at ${key}`);
    const listed = await Array.fromAsync(store.list(""), ({ key }) => key);
    assert.deepEqual(listed.toSorted(), keys.toSorted());
  },
]);
