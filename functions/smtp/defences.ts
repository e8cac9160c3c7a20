/** What the front end does about clients that misuse it, or are too many: each word is a metric of its own. */
import type { Clock, Log } from "../mail/ports.ts";
import { type Reply, replies } from "./protocol/reply.ts";

export type Defence =
  | "address-connections"
  | "block-listed"
  | "connection-rate"
  | "connections"
  | "early-body"
  | "early-pipelining"
  | "early-talker"
  | "failures"
  | "http"
  | "idle"
  | "memory"
  | "message-rate"
  | "proxy-header"
  | "refusal-rate"
  | "slow"
  | "tls-handshake"
  | "transaction-time";

const byReply: ReadonlyMap<Reply, Defence> = new Map<Reply, Defence>([
  [replies.tooManyConnections, "connections"],
  [replies.tooManyFromAddress, "address-connections"],
  [replies.tooManyConnects, "connection-rate"],
  [replies.tooManyMessages, "message-rate"],
  [replies.tooManyRefusals, "refusal-rate"],
  [replies.noService, "block-listed"],
  [replies.earlyTalker, "early-talker"],
  [replies.earlyPipelining, "early-pipelining"],
  [replies.outOfSync, "early-body"],
  [replies.tooManyFailures, "failures"],
  [replies.notHttp, "http"],
  [replies.idleTooLong, "idle"],
  [replies.outOfMemory, "memory"],
  [replies.tooSlow, "slow"],
  [replies.transactionTooLong, "transaction-time"],
]);

export interface Tally {
  note(defence: Defence, remoteIp: string): void;
  /** Notes what this reply is about, if it is a defence at all. */
  noteReply(reply: Reply, remoteIp: string): void;
  /** Called every second: one event for each defence, however often it was needed, so that a flood floods no log. */
  flush(): void;
}

export function createTally({ log, now }: { readonly log: Log; readonly now: Clock }): Tally {
  const counts = new Map<Defence, { readonly count: number; readonly remoteIp: string }>();
  const note = (defence: Defence, remoteIp: string) => {
    counts.set(defence, { count: (counts.get(defence)?.count ?? 0) + 1, remoteIp });
  };
  return {
    note,
    noteReply: (reply, remoteIp) => {
      const defence = byReply.get(reply);
      if (defence !== undefined) note(defence, remoteIp);
    },
    flush: () => {
      const at = new Date(now()).toISOString();
      for (const [outcome, { count, remoteIp }] of counts) {
        log({ at, stage: "smtp", id: null, outcome, durationMs: 0, count, detail: { remoteIp } });
      }
      counts.clear();
    },
  };
}
