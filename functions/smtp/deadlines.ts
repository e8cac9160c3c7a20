/** All of time in one pure place: what a connection does is sampled every second, and judged. */
import type { SmtpSection } from "../mail/smtp-section.ts";
import { type Reply, replies } from "./protocol/reply.ts";

export type Deadlines = SmtpSection["deadlines"];

/** Over which the rate of a message is measured. */
export const rateWindowMs = 60_000;

/** From the last reply until the client has closed its side. */
export const lingerMs = 5_000;

/** What the connection waits for. */
export type Phase = "command" | "data" | "store" | "handshake" | "closing";

export interface Sample {
  readonly phase: Phase;
  /** Written so far. */
  readonly replies: number;
  /** Read so far. */
  readonly octets: number;
  /** The ordinal of the open transaction; 0 for none. */
  readonly transaction: number;
  /** It is the server that makes the client wait. */
  readonly isHeld: boolean;
}

export interface Watch {
  readonly sample: Sample;
  /** When it last did what its phase waits for. */
  readonly progressMs: number;
  /** Of a session without one, too: who only makes talk is let go like who never ends. */
  readonly transactionSinceMs: number;
  readonly windowSinceMs: number;
  /** `sample.octets` when the window began. */
  readonly windowOctets: number;
  /** What came in the window that is just over; null while one runs. */
  readonly wholeWindowOctets: number | null;
}

export type Verdict = { readonly kind: "refuse"; readonly reply: Reply } | { readonly kind: "destroy" };

export const startWatch = (sample: Sample, nowMs: number): Watch => ({
  sample,
  progressMs: nowMs,
  transactionSinceMs: nowMs,
  windowSinceMs: nowMs,
  windowOctets: sample.octets,
  wholeWindowOctets: null,
});

/** Goes on watching with the next sample. */
export function observe(before: Watch, sample: Sample, nowMs: number): Watch {
  const { phase, transaction, octets, isHeld } = sample;
  const isData = phase === "data";
  const isWindowOver = nowMs - before.windowSinceMs >= rateWindowMs;
  // A client that had to wait for the server is not slow: its window begins anew.
  const isWindowVoid = isHeld || !isData || before.sample.phase !== "data";
  const isWindowNew = isWindowOver || isWindowVoid;
  return {
    sample,
    progressMs: isProgress(before.sample, sample) ? nowMs : before.progressMs,
    transactionSinceMs: transaction === before.sample.transaction ? before.transactionSinceMs : nowMs,
    windowSinceMs: isWindowNew ? nowMs : before.windowSinceMs,
    windowOctets: isWindowNew ? octets : before.windowOctets,
    wholeWindowOctets: isWindowOver && !isWindowVoid ? octets - before.windowOctets : null,
  };
}

/** Null while all is well. */
export function judgeWatch(watch: Watch, nowMs: number, deadlines: Deadlines): Verdict | null {
  const { sample, progressMs, transactionSinceMs } = watch;
  const restSeconds = (nowMs - progressMs) / 1000;
  if (sample.phase === "store") return null;
  if (sample.phase === "handshake")
    return restSeconds >= deadlines.tlsHandshakeSeconds ? { kind: "destroy" } : null;
  if (sample.phase === "closing") return restSeconds * 1000 >= lingerMs ? { kind: "destroy" } : null;
  const restMaxSeconds = sample.phase === "data" ? deadlines.dataBlockSeconds : deadlines.idleSeconds;
  if (restSeconds >= restMaxSeconds) return { kind: "refuse", reply: replies.idleTooLong };
  if ((nowMs - transactionSinceMs) / 1000 >= deadlines.transactionSeconds) {
    return { kind: "refuse", reply: replies.transactionTooLong };
  }
  return isTooSlow(watch, deadlines) ? { kind: "refuse", reply: replies.tooSlow } : null;
}

function isProgress(before: Sample, sample: Sample): boolean {
  if (sample.phase !== before.phase) return true;
  if (sample.phase === "data") return sample.isHeld || sample.octets !== before.octets;
  return sample.phase === "command" && sample.replies !== before.replies;
}

/** An empty window is a pause, which has a deadline of its own. */
function isTooSlow({ wholeWindowOctets }: Watch, { rateMinBytesPerSecond }: Deadlines): boolean {
  if (wholeWindowOctets === null || wholeWindowOctets === 0) return false;
  return wholeWindowOctets < (rateMinBytesPerSecond * rateWindowMs) / 1000;
}
