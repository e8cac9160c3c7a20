import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { ObjectStore } from "../../functions/mail/ports.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { type ServerLimits, serverLimits } from "../../functions/smtp/limits.ts";
import { MemoryBudget } from "../../functions/smtp/memory-budget.ts";
import type { Findings } from "../../functions/smtp/protocol/data-decoder.ts";
import { type Reception, receive } from "../../functions/smtp/receive.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createMemoryStore } from "./memory-store.ts";

export const envelope = {
  mailFrom: "ann@client.test",
  rcptTo: ["bob@mx.test", "eve@mx.test"],
  helo: "client.test",
  remoteIp: "192.0.2.7",
  remotePort: 40_000,
  remoteName: null,
  blockLists: [],
  tls: null,
  smtpUtf8: false,
  bodyType: "7BIT" as const,
  auth: null,
  bareNewlines: false,
  longLines: false,
  requireTls: false,
  dsn: null,
};

export const good: Findings = { sizeBytes: 6, bareNewlines: false, longLines: false, hops: 0 };

interface Setup {
  readonly limits?: Partial<ServerLimits>;
  /** Calls of the store that go another way than into memory. */
  readonly store?: Partial<ObjectStore>;
}

export function setUpReceive({ limits = {}, store = {} }: Setup = {}) {
  const memory = createMemoryStore();
  const clock = createFakeClock();
  const events: StageEvent[] = [];
  const all = { ...serverLimits, ...limits };
  const budget = new MemoryBudget(all.maxBufferedBytes);
  let proceeded = 0;
  const begin = (): Reception => {
    const reception = receive(
      { hostname: "mx.test", envelope, greeting: "EHLO", refusedRecipients: 1, proceed: () => proceeded++ },
      {
        store: { ...memory, ...store },
        budget,
        limits: all,
        log: (event) => events.push(event),
        now: clock.now,
        randomBytes,
      },
    );
    assert.ok(reception !== null);
    return reception;
  };
  return { memory, clock, events, budget, begin, proceeded: () => proceeded };
}

/** Lets promises that are settled have their say. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

export const receiveAll = (reception: Reception, chunks: readonly string[]): Reception => {
  for (const chunk of chunks) reception.write(Buffer.from(chunk));
  return reception;
};
