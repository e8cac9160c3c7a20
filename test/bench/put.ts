/**
 * CPU and time of one PUT: by the SDK, by functions/aws/put.ts, and by undici alone, side by side against a server in
 * another process that does nothing. Run: node test/bench/put.ts
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Pool } from "undici";
import { openBucket } from "../../functions/aws/bucket.ts";
import { createPutter } from "../../functions/aws/put.ts";
import { connectByNode } from "../../functions/aws/put-by-node.ts";
import { connectByUndici } from "../../functions/aws/put-by-undici.ts";

const rounds = 7;
const concurrency = 32;
const blockBytes = 900;
const sizes = [
  { name: "2 KB", bytes: 2 * 1024, puts: 2000 },
  { name: "32 KB", bytes: 32 * 1024, puts: 2000 },
  { name: "1 MB", bytes: 1024 * 1024, puts: 200 },
];

interface Cost {
  readonly cpuUs: number;
  readonly wallUs: number;
}

function serve(): void {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { etag: '"tag"', "content-length": "0" }).end());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify(server.address())));
}

async function bench(): Promise<void> {
  const server = spawn(process.execPath, [import.meta.filename, "serve"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(server.stdout), "line");
  const variants = variantsOf(`http://127.0.0.1:${JSON.parse(line).port}`);
  for (const { name, bytes, puts } of sizes) {
    const body = [Buffer.alloc(blockBytes, "a"), Buffer.alloc(bytes, "b")];
    for (const put of Object.values(variants)) await measure(put, body, puts / 2);
    const costs = Object.keys(variants).map((): Cost[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, put] of Object.values(variants).entries()) {
        costs[index]?.push(await measure(put, body, puts));
      }
    }
    print(name, Object.keys(variants), costs);
  }
  server.kill();
  process.exit();
}

type Put = (body: readonly Buffer[]) => Promise<unknown>;

function variantsOf(endpoint: string): Record<string, Put> {
  const credentials = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  };
  const client = new S3Client({
    region: "eu-west-1",
    credentials,
    endpoint,
    forcePathStyle: true,
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: concurrency } },
  });
  const open = openBucket(client, { bucket: "mail", endpoint, now: Date.now });
  const deps = { now: Date.now, random: Math.random, pause: async () => {} };
  const openAsTls = async () => ({ ...(await open()), isTls: true });
  const overHttp = createPutter({ ...deps, open, connect: connectByUndici });
  const overTls = createPutter({ ...deps, open: openAsTls, connect: connectByUndici });
  const byNode = createPutter({ ...deps, open, connect: connectByNode });
  const pool = new Pool(endpoint, { connections: concurrency, allowH2: false });
  const key = "raw/ab/0192f0c1-2345-7abc-8def-0123456789ab.eml";
  const headers = { "content-type": "message/rfc822", "x-amz-meta-envelope-bytes": String(blockBytes) };
  return {
    "the SDK's PutObject": async (body) =>
      client.send(
        new PutObjectCommand({
          Bucket: "mail",
          Key: key,
          Body: Buffer.concat(body),
          ContentType: headers["content-type"],
          Metadata: { "envelope-bytes": headers["x-amz-meta-envelope-bytes"] },
        }),
      ),
    "put.ts, as over HTTP": async (body) => overHttp.put({ key, headers, body }),
    "put.ts by Node, HTTP": async (body) => byNode.put({ key, headers, body }),
    "put.ts, as over TLS": async (body) => overTls.put({ key, headers, body }),
    "undici alone": async (body) => {
      const answer = await pool.request({
        method: "PUT",
        path: `/mail/${key}`,
        headers,
        body: body[1] ?? null,
      });
      await answer.body.dump();
    },
  };
}

async function measure(put: Put, body: readonly Buffer[], puts: number): Promise<Cost> {
  let left = puts;
  const startedMs = performance.now();
  const started = process.cpuUsage();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await put(body);
    }),
  );
  const { user, system } = process.cpuUsage(started);
  return { cpuUs: (user + system) / puts, wallUs: ((performance.now() - startedMs) * 1000) / puts };
}

function print(size: string, names: readonly string[], costs: readonly (readonly Cost[])[]): void {
  const medians = costs.map((each) => ({
    cpuUs: median(each.map(({ cpuUs }) => cpuUs)),
    wallUs: median(each.map(({ wallUs }) => wallUs)),
  }));
  const least = medians.at(-1)?.cpuUs ?? Number.NaN;
  console.log(`${size}, ${concurrency} at a time, median of ${rounds} rounds`);
  for (const [index, name] of names.entries()) {
    const { cpuUs = Number.NaN, wallUs = Number.NaN } = medians[index] ?? {};
    const [cpu, wall, ratio] = [cpuUs.toFixed(0), wallUs.toFixed(0), (cpuUs / least).toFixed(2)];
    console.log(
      `  ${name.padEnd(22)} ${cpu.padStart(6)} µs CPU ${wall.padStart(6)} µs ${ratio.padStart(6)} × undici`,
    );
  }
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

if (process.argv[2] === "serve") serve();
else await bench();
