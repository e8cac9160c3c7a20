/** Accepted = delivered + dropped + quarantined + dead + under way, while a share of all outside calls fails. */
import assert from "node:assert/strict";
import type { Entry } from "../../infra/local/inspector/entry.ts";
import { fold } from "../../infra/local/inspector/fold.ts";
import { createFlaky, createRandom } from "../support/flaky.ts";
import { startTestServer } from "../support/smtp-server.ts";
import { sendMails } from "./clients.ts";
import { accepting, drawRecipients, endingsOf } from "./endings.ts";
import { findEndings, findUnderWay, readStored } from "./evidence.ts";
import { createWorld, type World } from "./pipeline-world.ts";

const failingShare = 0.1;
const checkEveryMs = 60 * 60_000;

/** Sends that many mails through everything, and gives the balance in words. */
export async function conserve(mails: number, seed: number): Promise<string> {
  const random = createRandom(seed);
  const flaky = createFlaky(failingShare, random);
  const world = await createWorld(flaky);
  try {
    const { store, log, now } = world;
    const server = await startTestServer({}, { store, log, now, config: () => accepting });
    const acknowledged = await sendMails(server.port, mails, () => drawRecipients(random));
    await server.close();
    const stored = await readStored(world);
    assert.equal(acknowledged.length, mails);
    assert.ok(new Set(acknowledged).isSubsetOf(new Set(stored.keys())), "250 was said of what is not stored");
    let checkAtMs = 0;
    await world.run(async () => {
      if (now() < checkAtMs) return;
      checkAtMs = now() + checkEveryMs;
      await check(stored, world);
    });
    await check(stored, world);
    assert.deepEqual(await findUnderWay(world), new Set());
    const accepted = [...foldAll(world)].filter(([, { state }]) => settled.has(state)).map(([id]) => id);
    assert.deepEqual(accepted.sort(), [...stored.keys()].sort(), "what is counted is what is stored");
    const due = [...stored].flatMap(([id, rcptTo]) => endingsOf(rcptTo).map((ending) => `${id} ${ending}`));
    assert.deepEqual([...(await findEndings(world))].sort(), due.sort(), "each ending once, and no other");
    return `${describeBalance(world)}; ${stored.size - mails} of these were answered 451.\n${describeCalls(flaky.calls)}`;
  } finally {
    await world.close();
  }
}

/** Each message has come to all of its endings, or is in a queue; and the count of states says the same. */
async function check(stored: ReadonlyMap<string, readonly string[]>, world: World): Promise<void> {
  const [underWay, endings] = [await findUnderWay(world), await findEndings(world)];
  const isEnded = (id: string, rcptTo: readonly string[]) =>
    endingsOf(rcptTo).every((ending) => endings.has(`${id} ${ending}`));
  const lost = [...stored].filter(([id, rcptTo]) => !underWay.has(id) && !isEnded(id, rcptTo));
  assert.deepEqual(lost, [], "neither ended nor under way");
  for (const [id, { state }] of foldAll(world)) {
    // What is in a queue is under way, whatever was said of an earlier try.
    if (stored.has(id) && !underWay.has(id)) assert.equal(state, stateOf(id, endings), id);
  }
}

const settled: ReadonlySet<string> = new Set(["delivered", "dropped", "quarantined", "dead"]);

/** The worst that a message has come to. */
const stateOf = (id: string, endings: ReadonlySet<string>) =>
  [
    ["dead", ["dead", "dead gone", "dead never"]] as const,
    ["delivered", ["delivered app", "delivered late", "delivered queue", "delivered bus"]] as const,
    ["quarantined", ["quarantined"]] as const,
  ].find(([, which]) => which.some((ending) => endings.has(`${id} ${ending}`)))?.[0] ?? "dropped";

/** What the inspector's index makes of the events. */
function foldAll({ events }: World): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const event of events) {
    const entry = fold(entries.get(event.id ?? "") ?? null, event);
    if (event.id !== null && entry !== null) entries.set(event.id, entry);
  }
  return entries;
}

function describeBalance(world: World): string {
  const states = [...foldAll(world).values()].map(({ state }) => state);
  const count = (...wanted: readonly Entry["state"][]) =>
    states.filter((state) => wanted.includes(state)).length;
  const parts = [
    `${count("delivered")} delivered`,
    `${count("dropped")} dropped`,
    `${count("quarantined")} quarantined`,
    `${count("dead")} dead`,
    `${count("underway", "retrying")} under way`,
  ];
  return `${states.length - count("refused")} accepted = ${parts.join(" + ")}`;
}

/** So many that chance alone does not leave one without a failure, nor the share far from what it is said to be. */
const manyCalls = 500;

function describeCalls(calls: ReturnType<typeof createFlaky>["calls"]): string {
  for (const [call, { made, failed }] of calls)
    assert.ok(failed > 0 || made < manyCalls, `${call} never failed in ${made} calls`);
  const all = [...calls.values()].reduce(({ made, failed }, one) => ({
    made: made + one.made,
    failed: failed + one.failed,
  }));
  const share = all.failed / all.made;
  assert.ok(Math.abs(share - failingShare) < failingShare / 2, `${share} of all calls failed`);
  const each = [...calls].map(([call, { made, failed }]) => `${call} ${failed} of ${made}`);
  return `Calls that failed: ${all.failed} of ${all.made} (${each.join(", ")}).`;
}
