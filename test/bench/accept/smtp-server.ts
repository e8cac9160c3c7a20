import { buffer } from "node:stream/consumers";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SMTPServer } from "smtp-server";

/** The obvious front end: smtp-server, and the SDK's PutObject as it comes, with its checksum. Takes the store's endpoint; prints `ready smtp=host:port`. */
const [endpoint = ""] = process.argv.slice(2);
const client = new S3Client({
  endpoint,
  region: "us-east-1",
  forcePathStyle: true,
  credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
});

let messages = 0;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  disableReverseLookup: true,
  onData: (stream, _session, done) => {
    messages += 1;
    const key = `raw/${messages % 256}/smtp-server-${process.pid}-${messages}.eml`;
    buffer(stream)
      .then((body) => client.send(new PutObjectCommand({ Bucket: "mailchute", Key: key, Body: body })))
      .then(() => done(null, "stored"), done);
  },
});
server.listen(0, "127.0.0.1", () => {
  const address = server.server.address();
  if (address !== null && typeof address !== "string")
    process.stdout.write(`ready smtp=127.0.0.1:${address.port}\n`);
});
