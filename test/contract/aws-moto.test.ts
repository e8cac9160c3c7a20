import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connect } from "../aws/emulated.ts";
import { startMoto } from "../support/moto.ts";
import type { KnownGaps } from "./contract.ts";
import { queueContract } from "./queue-contract.ts";
import { storeContract } from "./store-contract.ts";

/** All that moto_server is known to do unlike SQS; of S3 it misses nothing that a row shows. */
const queueGaps: KnownGaps = {
  "one message is not delayed by another group's many": "it is first in, first out",
};

const moto = await startMoto();

if (moto === null) {
  test("the AWS adapters keep the contracts against moto_server", (context) => {
    assert.ok(!process.env["CI"], "moto_server is not installed, and CI must run these");
    context.skip("SKIPPED, NOT PASSED: moto_server is not installed (pip install 'moto[server]')");
  });
} else {
  after(moto.close);
  const { openStore, openQueue } = connect(moto.endpoint);
  storeContract("S3 store, by moto_server", openStore);
  queueContract("SQS queue, by moto_server", openQueue, queueGaps);
}
