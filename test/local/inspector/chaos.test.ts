import assert from "node:assert/strict";
import { test } from "node:test";
import type { Post, Queue, Resolve } from "../../../functions/mail/ports.ts";
import { type ChaosPart, chaosParts, createChaos } from "../../../infra/local/inspector/chaos.ts";
import { sendMails } from "../../failure/clients.ts";
import { accepting, drawRecipients, endingsOf } from "../../failure/endings.ts";
import { findEndings, findUnderWay, readStored } from "../../failure/evidence.ts";
import { createWorld } from "../../failure/pipeline-world.ts";
import { createRandom } from "../../support/flaky.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { startTestServer } from "../../support/smtp-server.ts";

const queue: Queue = {
  name: "parse",
  send: async () => undefined,
  receive: async () => [],
  delete: async () => undefined,
  changeVisibility: async () => undefined,
  depth: async () => ({ visible: 0, inFlight: 0, delayed: 0 }),
};
const post: Post = async () => ({ kind: "answer", status: 204, retryAfter: null, excerpt: "" });
const request = {
  url: "https://app.test/",
  headers: {},
  body: "{}",
  timeoutMs: 1,
  allowPrivateAddress: false,
};
const resolve: Resolve = async () => ["v=spf1 -all"];

type Chaos = ReturnType<typeof createChaos>;

/** One call to each part; true where it worked. */
const calls: readonly (readonly [ChaosPart, string, (chaos: Chaos) => Promise<boolean>])[] = [
  ["store", "put", (chaos) => works(chaos.wrapStore(createMemoryStore()).put("a", []))],
  ["store", "get", (chaos) => works(chaos.wrapStore(createMemoryStore()).get("a"))],
  ["store", "putStream", (chaos) => works(chaos.wrapStore(createMemoryStore()).putStream("a", pieces("a")))],
  ["queue", "send", (chaos) => works(chaos.wrapQueue(queue).send([]))],
  ["webhook", "post", async (chaos) => (await chaos.wrapPost(post)(request)).kind === "answer"],
  ["dns", "resolve", (chaos) => works(chaos.wrapResolve(resolve)("example.org", "TXT"))],
];

const works = (call: Promise<unknown>) =>
  call.then(
    () => true,
    () => false,
  );

async function* pieces(text: string) {
  yield Buffer.from(text);
}

for (const [part, call, run] of calls) {
  test(`${part}: ${call} waits as long, and fails as often, as it was told to, and no other part does`, async () => {
    const waits: number[] = [];
    let lot = 0;
    const chaos = createChaos({ random: () => lot, wait: async (delayMs) => void waits.push(delayMs) });
    for (const other of chaosParts.filter((one) => one !== part))
      chaos.set(other, { failProbability: 1, delayMs: 9 });
    assert.equal(await run(chaos), true);
    chaos.set(part, { failProbability: 0.25, delayMs: 700 });
    assert.equal(await run(chaos), false);
    lot = 0.25;
    assert.equal(await run(chaos), true, "the lot at the probability is one past it");
    assert.deepEqual(waits, [700, 700]);
    chaos.clear();
    lot = 0;
    assert.equal(await run(chaos), true);
    assert.deepEqual([waits.length, chaos.faults()], [2, {}]);
  });
}

test("while every part fails a third of the time, each mail that was taken comes to its ends", async () => {
  const random = createRandom(6);
  const chaos = createChaos({ random, wait: async () => undefined });
  for (const part of chaosParts) chaos.set(part, { failProbability: 1 / 3, delayMs: 100 });
  const world = await createWorld({
    calls: new Map(),
    store: chaos.wrapStore,
    queue: chaos.wrapQueue,
    resolve: chaos.wrapResolve,
    post: chaos.wrapPost,
    sendToBus: (sendToBus) => sendToBus,
  });
  try {
    const { store, log, now } = world;
    const server = await startTestServer({}, { store, log, now, config: () => accepting });
    const acknowledged = await sendMails(server.port, 30, () => drawRecipients(random));
    await server.close();
    await world.run(async () => undefined);
    const stored = await readStored(world);
    assert.deepEqual([...stored.keys()].sort(), acknowledged.toSorted());
    assert.deepEqual(await findUnderWay(world), new Set());
    const due = [...stored].flatMap(([id, rcptTo]) => endingsOf(rcptTo).map((ending) => `${id} ${ending}`));
    // What fails too often on its way is a dead letter, which is an end as well: nothing is without one.
    const endings = await findEndings(world);
    const dead = (one: string) => {
      const [id, , endpoint] = one.split(" ");
      return endings.has(`${id} dead`) || endings.has(`${id} dead ${endpoint}`);
    };
    const lost = due.filter((one) => !endings.has(one) && !dead(one));
    assert.deepEqual(lost, []);
  } finally {
    await world.close();
  }
});
