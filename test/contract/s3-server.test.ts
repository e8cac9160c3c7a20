import { setTimeout as pause } from "node:timers/promises";
import { openBucket } from "../../functions/aws/bucket.ts";
import { createClients } from "../../functions/aws/clients.ts";
import { type ConnectPut, createPutter } from "../../functions/aws/put.ts";
import { connectByNode } from "../../functions/aws/put-by-node.ts";
import { connectByUndici } from "../../functions/aws/put-by-undici.ts";
import { readAwsSettings } from "../../functions/aws/settings.ts";
import { createStore } from "../../functions/aws/store.ts";
import { openEmbedded } from "../../infra/local/embedded.ts";
import { listen } from "../../infra/local/listen.ts";
import { emulatedEnvironment, emulatedIdentity } from "../aws/emulated.ts";
import { createS3Server } from "../support/s3-server.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { storeContract } from "./store-contract.ts";

const bucket = "mailchute";

/** The adapter for S3, over HTTP, on the embedded store: no gap is known, so it shows both ends at once. */
async function open(connect: ConnectPut) {
  const folder = createTemporaryFolder();
  const embedded = await openEmbedded({ folder: folder.path, queues: [], notifications: [], now: Date.now });
  const server = createS3Server(embedded.store);
  const endpoint = `http://127.0.0.1:${await listen(server, "127.0.0.1", 0)}`;
  Object.assign(process.env, emulatedIdentity);
  const { s3 } = createClients(readAwsSettings(emulatedEnvironment(endpoint, bucket)));
  const openNow = openBucket(s3, { bucket, endpoint, now: Date.now });
  const { put, close } = createPutter({ open: openNow, connect, now: Date.now, random: Math.random, pause });
  return {
    store: createStore({ client: s3, bucket, put }),
    close: async () => {
      await close();
      s3.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await embedded.close();
      folder.remove();
    },
  };
}

storeContract("S3 store, by undici and the server on the embedded store", async () => open(connectByUndici));
storeContract("S3 store, by Node and the server on the embedded store", async () => open(connectByNode));
