import type { ObjectStore, Post, Queue, Resolve } from "../../functions/mail/ports.ts";
import type { Outside } from "../../infra/local/start.ts";

/** One outside call that fails, the first time it is made. */
export interface Fault {
  readonly call: string;
  hasFired: boolean;
}

export const createFault = (call: string): Fault => ({ call, hasFired: false });

const fires = (fault: Fault, call: string) => {
  if (fault.hasFired || fault.call !== call) return false;
  fault.hasFired = true;
  return true;
};

const failOnce =
  <Arguments extends unknown[], Result>(
    fault: Fault,
    call: string,
    real: (...given: Arguments) => Promise<Result>,
  ) =>
  async (...given: Arguments): Promise<Result> => {
    if (fires(fault, call)) throw new Error(`${call} failed, as the test asked`);
    return real(...given);
  };

/** The ports with that one fault in them: `store.put`, `queue.send route`, `dns`, `post`. */
export function withFault(fault: Fault, outside: Outside): Outside {
  return {
    ...outside,
    wrapStore: (store): ObjectStore => ({
      ...store,
      put: failOnce(fault, "store.put", store.put),
      putStream: failOnce(fault, "store.putStream", store.putStream),
      get: failOnce(fault, "store.get", store.get),
    }),
    wrapQueue: (queue): Queue => ({
      ...queue,
      send: failOnce(fault, `queue.send ${queue.name}`, queue.send),
      receive: failOnce(fault, `queue.receive ${queue.name}`, queue.receive),
      delete: failOnce(fault, `queue.delete ${queue.name}`, queue.delete),
    }),
    resolve: failDnsOnce(fault, outside.resolve),
    post: failPostOnce(fault, outside.post),
  };
}

const failDnsOnce =
  (fault: Fault, real: Resolve): Resolve =>
  async (name, type) => {
    if (fires(fault, "dns")) throw Object.assign(new Error("queryTxt ETIMEOUT"), { code: "ETIMEOUT" });
    return real(name, type);
  };

const failPostOnce =
  (fault: Fault, real: Post): Post =>
  async (request) =>
    fires(fault, "post") ? { kind: "error", code: "ECONNRESET", detail: "as the test asked" } : real(request);
