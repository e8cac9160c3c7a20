/**
 * The front end's peak memory: 1,000 idle connections, and then 200 messages of 40 MB at once into a store that is slow,
 * with a budget of 256 MB. Ends with 1 where it takes more than the budget and a quarter, or loses a message.
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { toXml } from "../support/s3-xml.ts";
import { openSmtpClient, type SmtpClient } from "../support/smtp-client.ts";
import { startChild } from "./accept/child.ts";
import { createData } from "./accept/smtp-load.ts";

const idleConnections = 1000;
const messages = 200;
const messageBytes = 40_000_000;
const budgetBytes = 256 * 1024 * 1024;
const storeBytesPerSecond = 50_000_000;
const refusedPauseMs = 250;

const config = {
  hostname: "mx.example.com",
  endpoints: { hook: { url: "https://app.example.com/hook" } },
  routes: [{ name: "all", when: { recipient: "*@example.com" }, to: ["hook"] }],
};

/** What the store has of each object, whole ones only. */
const stored = new Map<string, number>();
const uploads = new Map<string, number>();

/** Each request is read at {@link storeBytesPerSecond}; nothing is kept but sizes. */
async function readSlowly(request: IncomingMessage): Promise<number> {
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    await pause((chunk.length * 1000) / storeBytesPerSecond);
  }
  return sizeBytes;
}

async function answer(request: IncomingMessage): Promise<string> {
  const { pathname: key, searchParams: query } = new URL(request.url ?? "", "http://store");
  const uploadId = query.get("uploadId");
  const sizeBytes = await readSlowly(request);
  if (request.method === "GET") return JSON.stringify(config);
  if (request.method === "DELETE") return "";
  if (query.has("uploads")) {
    uploads.set(key, 0);
    return toXml("InitiateMultipartUploadResult", { Key: key, UploadId: "one" });
  }
  if (uploadId === null) stored.set(key, sizeBytes);
  else if (request.method === "PUT") uploads.set(key, (uploads.get(key) ?? 0) + sizeBytes);
  else stored.set(key, uploads.get(key) ?? 0);
  return request.method === "POST" ? toXml("CompleteMultipartUploadResult", { Key: key, ETag: '"e"' }) : "";
}

const store = createServer((request, response) => {
  answer(request).then(
    (body) => response.setHeader("etag", '"e"').end(body),
    () => response.destroy(),
  );
}).listen(0, "127.0.0.1");
const portOf = (address: AddressInfo | string | null) =>
  typeof address === "object" ? (address?.port ?? 0) : 0;
await new Promise((resolve) => store.once("listening", resolve));

const frontEnd = await startChild(["functions/smtp/main.ts"], {
  MAILCHUTE_BUCKET: "mailchute",
  MAILCHUTE_S3_ENDPOINT: `http://127.0.0.1:${portOf(store.address())}`,
  MAILCHUTE_SMTP_HOST: "127.0.0.1",
  MAILCHUTE_SMTP_PORT: "0",
  MAILCHUTE_CONNECTIONS_MAX: String(idleConnections + messages),
  MAILCHUTE_BUFFERED_BYTES_MAX: String(budgetBytes),
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "bench",
  AWS_SECRET_ACCESS_KEY: "bench",
});

/** In megabytes: now, and at most so far (proc(5)). */
function memory(): { now: number; peak: number } {
  const status = readFileSync(`/proc/${frontEnd.process.pid}/status`, "utf8");
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}

async function open(): Promise<SmtpClient> {
  const client = await openSmtpClient(frontEnd.port);
  await client.reply();
  await client.command("EHLO bench.example.org");
  return client;
}

let refusals = 0;

/** Sends until it is taken. Gives the message's id. */
async function send(client: SmtpClient, data: Buffer): Promise<string> {
  for (;;) {
    for (const line of ["RSET", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.com>"])
      await client.command(line);
    const begin = await client.command("DATA");
    if (begin === null) throw new Error("the front end hung up");
    if (begin.startsWith("354")) {
      client.send(data);
      const [, id] = /^250 .* ([\w-]+)\r\n$/.exec((await client.reply()) ?? "") ?? [];
      if (id !== undefined) return id;
    }
    refusals += 1;
    await pause(refusedPauseMs);
  }
}

console.log(`${cpus()[0]?.model ?? "unknown CPU"}, node ${process.version}`);
console.log(`at rest                ${memory().now.toFixed(0).padStart(5)} MB`);
const idle: SmtpClient[] = [];
while (idle.length < idleConnections) idle.push(await open());
console.log(`${idleConnections} idle connections  ${memory().now.toFixed(0).padStart(5)} MB`);
const data = createData(messageBytes);
const clients = await Promise.all(Array.from({ length: messages }, open));
const ids = await Promise.all(clients.map((client) => send(client, data)));
const { peak } = memory();
const sizes = new Map([...stored].map(([key, sizeBytes]) => [/([\w-]+)\.\w+$/.exec(key)?.[1], sizeBytes]));
const lost = ids.filter((id) => (sizes.get(id) ?? 0) < data.length - ".\r\n".length);
const budget = budgetBytes / 1024 / 1024;
console.log(
  `${messages} messages at once   ${peak.toFixed(0).padStart(5)} MB at most, ${(peak / budget).toFixed(2)} × the budget`,
);
console.log(`${refusals} refusals for now, ${lost.length} of ${ids.length} messages lost`);
for (const client of [...idle, ...clients]) client.destroy();
store.close();
frontEnd.process.kill();
process.exitCode = peak > budget * 1.25 || lost.length > 0 ? 1 : 0;
