import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connect } from "../aws/emulated.ts";
import { startFauxqs } from "../support/fauxqs.ts";
import type { KnownGaps } from "./contract.ts";
import { queueContract } from "./queue-contract.ts";
import { storeContract } from "./store-contract.ts";

/** All that fauxqs 2.4.1 is known to do unlike S3. Two gaps no row can show: it tells SQS of no object, and never syncs. */
const storeGaps: KnownGaps = {
  "ifAbsent stores where there is nothing and changes nothing where there is something":
    "it ignores If-None-Match",
  "a short stream with ifAbsent changes nothing where there is something": "it ignores If-None-Match",
  "a long stream with ifAbsent changes nothing where there is something": "it ignores If-None-Match",
  "of many that put one key at the same time with ifAbsent, one stores": "it ignores If-None-Match",
  "a list has the keys with its prefix and their sizes, in order of UTF-8":
    "it orders keys as a dictionary does",
};

/** All that fauxqs 2.4.1 is known to do unlike SQS. */
const queueGaps: KnownGaps = {
  "a message arrives as it was sent": "it refuses characters past U+FFFD, and forgets the group",
  "one message is not delayed by another group's many": "it is first in, first out",
};

const fauxqs = await startFauxqs();
after(fauxqs.close);
const { openStore, openQueue } = connect(fauxqs.endpoint);

storeContract("S3 store, by fauxqs", openStore, storeGaps);
queueContract("SQS queue, by fauxqs", openQueue, queueGaps);

test("fauxqs refuses objects over 11 MiB", async () => {
  const { store, close } = await openStore();
  await assert.rejects(store.put("large", [Buffer.alloc(11 * 1024 * 1024 + 1)]), { message: "s3 put large" });
  await close();
});
