import assert from "node:assert/strict";
import type { ByteRange, ObjectStore, StoredObject } from "../../functions/mail/ports.ts";
import type { Subject } from "./contract.ts";

export interface StoreUnderTest extends Subject {
  /** Empty. */
  readonly store: ObjectStore;
}

export const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** The object, which must be there. */
export async function get(store: ObjectStore, key: string, range?: ByteRange): Promise<StoredObject> {
  const object = await store.get(key, range);
  assert.ok(object !== null, `no object ${key}`);
  return object;
}

export const read = async (object: StoredObject) => Buffer.concat(await Array.fromAsync(object.body));
