import { buffer } from "node:stream/consumers";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startOracle } from "../../support/oracle.ts";

/** The obvious front end: smtp-server, and the SDK's PutObject as it comes, with its checksum. Takes the store's endpoint; prints `ready smtp=host:port`. */
const [endpoint = ""] = process.argv.slice(2);
const client = new S3Client({
  endpoint,
  region: "us-east-1",
  forcePathStyle: true,
  credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
});

let messages = 0;
const { port } = await startOracle({
  disabledCommands: ["STARTTLS", "AUTH"],
  onData: (stream, _session, done) => {
    messages += 1;
    const key = `raw/${messages % 256}/smtp-server-${process.pid}-${messages}.eml`;
    buffer(stream)
      .then((body) => client.send(new PutObjectCommand({ Bucket: "mailchute", Key: key, Body: body })))
      .then(() => done(null, "stored"), done);
  },
});
process.stdout.write(`ready smtp=127.0.0.1:${port}\n`);
