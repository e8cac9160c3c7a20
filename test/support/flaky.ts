/** Ports whose calls fail at random: half of them before anything is done, half after it, when only the answer is lost. */
import type { ObjectStore, Post, Queue, Resolve, SendToBus } from "../../functions/mail/ports.ts";

export interface Calls {
  made: number;
  failed: number;
}

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `share` of all calls fail, from 0 to 1. */
export function createFlaky(share: number, random: () => number) {
  const calls = new Map<string, Calls>();
  const draw = (call: string): "works" | "undone" | "unanswered" => {
    const tally = calls.get(call) ?? { made: 0, failed: 0 };
    calls.set(call, tally);
    tally.made += 1;
    const lot = random();
    if (lot >= share) return "works";
    tally.failed += 1;
    return lot < share / 2 ? "undone" : "unanswered";
  };
  const flaky =
    <Arguments extends unknown[], Result>(
      call: string,
      real: (...given: Arguments) => Promise<Result>,
      code = "ECONNRESET",
    ) =>
    async (...given: Arguments): Promise<Result> => {
      const fate = draw(call);
      const error = Object.assign(new Error(`${call}: ${fate}`), { code });
      if (fate === "undone") throw error;
      const result = await real(...given);
      if (fate === "unanswered") throw error;
      return result;
    };
  return {
    calls,
    store: (store: ObjectStore): ObjectStore => ({
      ...store,
      put: flaky("put", store.put),
      putStream: flaky("putStream", store.putStream),
      get: async (key, range) => {
        const fate = draw("get");
        if (fate === "undone") throw new Error("get: undone");
        const object = await store.get(key, range);
        return fate === "works" || object === null ? object : { ...object, body: broken(object.body) };
      },
    }),
    queue: (queue: Queue): Queue => ({
      ...queue,
      send: flaky("send", queue.send),
      receive: flaky("receive", queue.receive),
      delete: flaky("delete", queue.delete),
      changeVisibility: flaky("changeVisibility", queue.changeVisibility),
    }),
    resolve: (resolve: Resolve): Resolve => flaky("DNS", resolve, "ETIMEOUT"),
    sendToBus: (sendToBus: SendToBus): SendToBus => flaky("bus", sendToBus),
    post: (post: Post): Post => {
      const posting = flaky("POST", post);
      return async (request) =>
        posting(request).catch((error) => ({
          kind: "error",
          code: "connection-lost",
          detail: String(error),
        }));
    },
  };
}

/** Ends in an error after the first piece. */
async function* broken(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    yield piece;
    break;
  }
  throw new Error("get: the connection was lost");
}
