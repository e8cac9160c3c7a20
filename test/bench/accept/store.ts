import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { openEmbedded } from "../../../infra/local/embedded.ts";
import { createS3Server } from "../../support/s3-server.ts";

/** The durable store behind an S3 endpoint. Takes the folder for its data; prints `ready s3=host:port`. */
const [parent = "."] = process.argv.slice(2);
const folder = await mkdtemp(join(parent, "bench-store-"));
const { store } = await openEmbedded({ folder, queues: [], notifications: [], now: Date.now });
process.on("SIGTERM", () => {
  void rm(folder, { recursive: true, force: true }).then(() => process.exit(0));
});
const server = createS3Server(store);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address !== "string")
    process.stdout.write(`ready s3=127.0.0.1:${address.port}\n`);
});
