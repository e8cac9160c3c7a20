import { isOfSomeNetwork, parseIp } from "../mail/cidr.ts";
import type { Clock } from "../mail/ports.ts";
import type { SmtpSection } from "../mail/smtp-section.ts";
import { type Reply, replies } from "./protocol/reply.ts";
import { createRates } from "./rates.ts";

/** A client that was let in. */
export interface Visit {
  readonly kind: "visit";
  /** Neither waits nor is counted. */
  readonly isExempt: boolean;
  /** Counts a message; false for one too many. */
  takeMessage(): boolean;
  /** Counts a recipient that was refused; false for one too many. */
  takeRefusal(): boolean;
  leave(): void;
}

export type Admission = Visit | { readonly kind: "refused"; readonly reply: Reply };

export interface Census {
  enter(remoteIp: string, smtp: SmtpSection): Admission;
}

/** Three for each network that was here within the minute; the oldest give way. */
const bucketsMax = 300_000;

const exempt: Visit = {
  kind: "visit",
  isExempt: true,
  takeMessage: () => true,
  takeRefusal: () => true,
  leave: () => undefined,
};

/** Who is connected, and what each network did within the last minute. */
export function createCensus(now: Clock): Census {
  const connections = new Map<string, number>();
  const rates = createRates(bucketsMax, now);
  const count = (network: string, change: 1 | -1) => {
    const next = (connections.get(network) ?? 0) + change;
    if (next === 0) connections.delete(network);
    else connections.set(network, next);
  };
  return {
    enter: (remoteIp, { exemptFrom, perAddress }) => {
      if (isOfSomeNetwork(exemptFrom, remoteIp)) return exempt;
      const network = networkOf(remoteIp);
      if ((connections.get(network) ?? 0) >= perAddress.connectionsMax)
        return { kind: "refused", reply: replies.tooManyFromAddress };
      if (!rates.take(`connections ${network}`, perAddress.connectionsPerMinuteMax))
        return { kind: "refused", reply: replies.tooManyConnects };
      count(network, 1);
      return {
        kind: "visit",
        isExempt: false,
        takeMessage: () => rates.take(`messages ${network}`, perAddress.messagesPerMinuteMax),
        takeRefusal: () => rates.take(`refusals ${network}`, perAddress.refusedRecipientsPerMinuteMax),
        leave: () => count(network, -1),
      };
    },
  };
}

/** What a client is counted by: its address or, since who has one IPv6 address has 2^64 of them, its /64 network. */
export function networkOf(address: string): string {
  const ip = parseIp(address);
  return ip?.family === 6 ? `${(ip.bits >> 64n).toString(16)}::/64` : address;
}
