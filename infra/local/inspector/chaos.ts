/** Faults on purpose: a part of the outside world fails, or is slow, as often as it is told to. */
import { setTimeout as afterMs } from "node:timers/promises";
import * as z from "zod";
import type { ObjectStore, Post, Queue, Resolve } from "../../../functions/mail/ports.ts";

export const chaosParts = ["store", "queue", "webhook", "dns"] as const;
export type ChaosPart = (typeof chaosParts)[number];

const delayMaxMs = 60_000;

export const Fault = z.object({
  /** How often a call fails, from 0 to 1. */
  failProbability: z.number().min(0).max(1).default(0),
  /** How long a call waits first. */
  delayMs: z.number().int().min(0).max(delayMaxMs).default(0),
});
export type Fault = z.infer<typeof Fault>;

export interface Chaos {
  faults(): Readonly<Partial<Record<ChaosPart, Fault>>>;
  set(part: ChaosPart, fault: Fault): void;
  clear(): void;
  wrapStore(store: ObjectStore): ObjectStore;
  wrapQueue(queue: Queue): Queue;
  wrapPost(post: Post): Post;
  wrapResolve(resolve: Resolve): Resolve;
}

export interface ChaosDeps {
  readonly random: () => number;
  readonly wait?: (delayMs: number) => Promise<unknown>;
}

/** The ports as they are while nothing is set. */
export function createChaos({ random, wait = afterMs }: ChaosDeps): Chaos {
  const faults = new Map<ChaosPart, Fault>();
  /** True when the call must fail. */
  const strike = async (part: ChaosPart): Promise<boolean> => {
    const fault = faults.get(part);
    if (fault === undefined) return false;
    if (fault.delayMs > 0) await wait(fault.delayMs);
    return random() < fault.failProbability;
  };
  const guard =
    <Arguments extends unknown[], Result>(part: ChaosPart, call: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      if (faults.size > 0 && (await strike(part))) throw new Error(`${part} fails, as chaos was told to`);
      return call(...given);
    };
  return {
    faults: () => Object.fromEntries(faults),
    set: (part, fault) => {
      if (fault.failProbability === 0 && fault.delayMs === 0) faults.delete(part);
      else faults.set(part, fault);
    },
    clear: () => faults.clear(),
    wrapStore: (store) => ({
      ...store,
      put: guard("store", store.put),
      putStream: guard("store", store.putStream),
      get: guard("store", store.get),
    }),
    // What a consumer has done stays done: only what comes in is at risk.
    wrapQueue: (queue) => ({ ...queue, send: guard("queue", queue.send) }),
    wrapPost: (post) => async (request) => {
      if (faults.size > 0 && (await strike("webhook")))
        return { kind: "error", code: "chaos", detail: "webhook fails, as chaos was told to" };
      return post(request);
    },
    wrapResolve: (resolve) => async (name, type) => {
      if (faults.size > 0 && (await strike("dns")))
        throw Object.assign(new Error(`${name} ${type}: dns fails, as chaos was told to`), {
          code: "ETIMEOUT",
        });
      return resolve(name, type);
    },
  };
}
