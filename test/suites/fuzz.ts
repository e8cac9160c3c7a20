/**
 * Octets at the front end over TCP, some of them sense: nothing crashes, nothing is said twice, nothing is kept.
 *
 *     node test/suites/fuzz.ts [seconds, 300] [seed, random]
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { binaryHeader, ipv4Addresses } from "../support/proxy-header.ts";
import { openSmtpClient, type SmtpClient } from "../support/smtp-client.ts";
import { checkForm, strictConfig } from "../support/smtp-peer.ts";
import { startTestServer, type TestServer, testSecureContext } from "../support/smtp-server.ts";
import { anyCommand, anyGroups } from "../support/smtp-session.ts";

const [seconds = 300, seed = Date.now() & 0x7fffffff] = process.argv.slice(2).map(Number);
const workers = 8;
const batchSessions = 400;
/** For buffers and code that are still warm; what leaks grows past it in minutes. */
const growthMaxBytes = 32 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

const context = await testSecureContext();
const patient = { failures: { undelayedMax: 1_000_000, max: 1_000_000 }, exemptFrom: ["127.0.0.0/8"] };
const serverFor = (protocol: "smtp" | "lmtp" | "smtps", proxyFrom: string[] = []) =>
  startTestServer(
    { protocol, connectionsMax: 10_000 },
    { secureContext: () => context, config: () => strictConfig({ ...patient, proxyFrom }) },
  );

/** Changes octets here and there. */
const mutation = fc.record({
  at: fc.nat(),
  octets: fc.uint8Array({ maxLength: 4 }),
  removed: fc.nat({ max: 4 }),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

const mutate = (octets: Buffer, { at, octets: put, removed }: Mutation) => {
  const from = at % (octets.length + 1);
  return Buffer.concat([octets.subarray(0, from), put, octets.subarray(from + removed)]);
};

/** What a client sends without listening, in segments. */
const wild = fc
  .record({
    groups: anyGroups,
    mutations: fc.array(mutation, { maxLength: 5 }),
    cuts: fc.array(fc.nat(), { maxLength: 6 }),
    tls: fc.constantFrom("no", "no", "no", "no", "no", "no", "no", "yes", "garbage"),
    end: fc.constantFrom("end", "destroy"),
  })
  .map(({ groups, mutations, cuts, ...rest }) => {
    const octets = mutations.reduce(mutate, Buffer.concat(groups));
    const edges = [0, ...cuts.map((cut) => cut % (octets.length + 1)).sort((a, b) => a - b), octets.length];
    return { ...rest, segments: edges.map((edge, index) => octets.subarray(edge, edges[index + 1] ?? edge)) };
  });
type Wild = typeof wild extends fc.Arbitrary<infer Value> ? Value : never;

/** Lines that a client sends one by one, each for one reply. */
const steady = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: anyCommand },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 30 }).map((octets) => Buffer.from(octets).toString("latin1")),
    },
    { weight: 2, arbitrary: fc.constantFrom("EHLO a.test", "MAIL FROM:<>", "RCPT TO:<bob@mx.test>", "DATA") },
  ),
  { maxLength: 20 },
);

const problems = ({ events }: TestServer) =>
  events.filter(({ outcome, detail }) => outcome === "again" && detail?.["reply"] === undefined);

async function runWild({ port }: TestServer, { segments, tls, end }: Wild): Promise<void> {
  const client = await openSmtpClient(port);
  if (tls !== "no") {
    client.send("EHLO a.test\r\nSTARTTLS\r\n");
    await client.reply();
    await client.reply();
    if ((await client.reply())?.startsWith("220") === true && tls === "yes") await client.startTls();
  }
  for (const segment of segments) {
    client.send(segment);
    await new Promise(setImmediate);
  }
  if (end === "destroy") client.destroy();
  else for (const reply of await client.end()) if (tls === "no") checkForm(reply);
}

async function runSteady({ port }: TestServer, lines: readonly string[]): Promise<void> {
  const client = await openSmtpClient(port);
  assert.match((await client.reply()) ?? "", /^220 /);
  for (const line of lines) {
    // STARTTLS is of the wild ones.
    const command = line.replaceAll(/[\r\n]+/g, " ").replace(/^(?=STARTTLS|BDAT)/i, "NO");
    client.send(Buffer.from(`${command}\r\n`, "latin1"));
    const reply = await client.reply();
    if (reply === null) return;
    checkForm(reply);
    if (/^[24]21 /.test(reply)) return assert.equal(await client.reply(), null);
    if (!reply.startsWith("354")) continue;
    client.send(`${command}\r\n.\r\n`);
    assert.match((await client.reply()) ?? "", /^[25]/);
  }
  await farewell(client);
}

/** Nothing was said that nobody asked for. */
async function farewell(client: SmtpClient): Promise<void> {
  client.send("NOOP\r\nQUIT\r\n");
  assert.match((await client.reply()) ?? "", /^250 2\.0\.0 Ok\r\n$/);
  assert.match((await client.reply()) ?? "", /^221 /);
  assert.equal(await client.reply(), null);
  assert.equal(client.unread(), "");
}

async function probe(server: TestServer): Promise<void> {
  const client = await openSmtpClient(server.port);
  client.send("EHLO a.test\r\nMAIL FROM:<ann@a.test>\r\nRCPT TO:<bob@mx.test>\r\nDATA\r\n");
  for (const code of ["220", "250", "250", "250", "354"])
    assert.equal((await client.reply())?.slice(0, 3), code);
  client.send("probe\r\n.\r\n");
  const [, id] = /stored as (\S+)\r\n/.exec((await client.reply()) ?? "") ?? [];
  assert.ok([...server.store.objects.keys()].some((key) => key.includes(String(id))));
  await farewell(client);
}

const proxyHeaders = wild.map((session) => ({
  ...session,
  segments: [binaryHeader({ body: ipv4Addresses }), ...session.segments],
}));

test(`${seconds} s of octets, seed ${seed}`, { timeout: (seconds + 60) * 1000 }, async (context) => {
  const plain = await serverFor("smtp");
  const others = [
    await serverFor("lmtp"),
    await serverFor("smtps"),
    await serverFor("smtp", ["127.0.0.0/8"]),
  ];
  for (const server of [plain, ...others]) context.after(server.close);
  const endMs = Date.now() + seconds * 1000;
  let baseBytes = 0;
  let sessions = 0;
  for (let batch = 0; batch === 0 || Date.now() < endMs; batch++) {
    const parameters = { seed: seed + batch, numRuns: batchSessions };
    const runs = [
      ...fc.sample(wild, parameters).map((session) => () => runWild(plain, session)),
      ...fc.sample(steady, parameters).map((lines) => () => runSteady(plain, lines)),
      ...fc
        .sample(fc.tuple(fc.nat({ max: 2 }), wild, proxyHeaders), {
          ...parameters,
          numRuns: batchSessions / 4,
        })
        .map(([which, session, proxied]) => async () => {
          const server = others[which];
          const isProxied = which === 2 && session.tls !== "yes";
          if (server !== undefined) await runWild(server, { ...(isProxied ? proxied : session), tls: "no" });
        }),
    ];
    sessions += runs.length;
    const next = runs.values();
    await Promise.all(
      Array.from({ length: workers }, async () => {
        for (const run of next) await run();
      }),
    );
    await probe(plain);
    for (const server of [plain, ...others]) {
      assert.deepEqual(problems(server), []);
      const stored = server.events.flatMap(({ id, outcome }) => (outcome === "accepted" ? [id] : []));
      assert.equal(new Set(stored).size, stored.length, "an id was given twice");
      assert.equal(server.store.objects.size, stored.length, "what is stored is what was said");
      server.events.length = 0;
      server.store.objects.clear();
    }
    collect();
    const { heapUsed, external } = process.memoryUsage();
    // The first batches make code and pools.
    if (batch < 3) baseBytes = Math.max(baseBytes, heapUsed + external);
    assert.ok(
      heapUsed + external - baseBytes < growthMaxBytes,
      `${heapUsed + external} bytes, from ${baseBytes}`,
    );
  }
  for (const server of [plain, ...others]) {
    await server.close();
    assert.equal(server.connections(), 0);
  }
  context.diagnostic(`${sessions} sessions`);
});
