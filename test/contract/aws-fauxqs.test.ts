import { after } from "node:test";
import { connect } from "../aws/emulated.ts";
import { startFauxqs } from "../support/fauxqs.ts";
import { queueContract } from "./queue-contract.ts";
import { storeContract } from "./store-contract.ts";

/** What fauxqs 2.4.1 does unlike S3. Beside these rows: it has no S3-to-SQS notification and no fsync. */
const storeGaps = {};

/** What fauxqs 2.4.1 does unlike SQS. */
const queueGaps = {};

const fauxqs = await startFauxqs();
after(fauxqs.close);
const { openStore, openQueue } = connect(fauxqs.endpoint);

storeContract("S3 store, by fauxqs", openStore, storeGaps);
queueContract("SQS queue, by fauxqs", openQueue, queueGaps);
