import assert from "node:assert/strict";
import { test } from "node:test";
import {
  judgeWatch,
  observe,
  type Phase,
  type Sample,
  startWatch,
  type Verdict,
} from "../../functions/smtp/deadlines.ts";
import { testConfig } from "../support/smtp-peer.ts";

const { deadlines } = testConfig().smtp;
const minute = 60_000;

interface Moment extends Partial<Sample> {
  readonly atMs: number;
}

const start: Sample = { phase: "command", replies: 1, octets: 0, transaction: 0, isHeld: false };

/** Samples every second, as the server does; a sample holds until the next is named. */
function watch(moments: readonly Moment[], untilMs: number): { verdict: Verdict | null; atMs: number } {
  const changes = new Map(moments.map(({ atMs, ...change }) => [atMs, change]));
  let sample = start;
  let current = startWatch(sample, 0);
  for (let atMs = 1000; atMs <= untilMs; atMs += 1000) {
    sample = { ...sample, ...changes.get(atMs) };
    current = observe(current, sample, atMs);
    const verdict = judgeWatch(current, atMs, deadlines);
    if (verdict !== null) return { verdict, atMs };
  }
  return { verdict: null, atMs: untilMs };
}

const refused = (verdict: Verdict | null) =>
  verdict?.kind === "refuse" ? verdict.reply.wire.slice(0, 9) : verdict?.kind;

/** Octets that come every second from the first on. */
const steady = (phase: Phase, octetsPerSecond: number, seconds: number): Moment[] =>
  Array.from({ length: seconds }, (_, index) => ({
    atMs: (index + 1) * 1000,
    phase,
    transaction: 1,
    octets: (index + 1) * octetsPerSecond,
  }));

const rows = [
  [
    "row 56: a silent client is told so after 5 minutes (§4.5.3.2.7)",
    [],
    6 * minute,
    "421 4.4.2",
    5 * minute,
  ],
  ["row 56: and not before", [], 5 * minute - 1000, undefined, 5 * minute - 1000],
  ["a reply starts the time anew", [{ atMs: 4 * minute, replies: 2 }], 8 * minute, undefined, 8 * minute],
  [
    "octets without a line end do not",
    [{ atMs: 4 * minute, octets: 99 }],
    6 * minute,
    "421 4.4.2",
    5 * minute,
  ],
  [
    "DATA without an octet ends after 3 minutes",
    [{ atMs: 1000, phase: "data" }],
    4 * minute,
    "421 4.4.2",
    3 * minute + 1000,
  ],
  ["row 57: 499 octets a second are too slow", steady("data", 499, 300), 5 * minute, "421 4.7.0", 61_000],
  ["row 57: 500 are not", steady("data", 500, 300), 5 * minute, undefined, 5 * minute],
  [
    "a minute without an octet is a pause",
    [
      { atMs: 1000, phase: "data" },
      { atMs: 2 * minute + 1000, octets: 40_000 },
    ],
    2 * minute + 2000,
    undefined,
    2 * minute + 2000,
  ],
  [
    "one that the server makes wait is not slow",
    steady("data", 10, 600).map((moment) => ({ ...moment, isHeld: true })),
    10 * minute,
    undefined,
    10 * minute,
  ],
  [
    "row 57: a transaction ends after 30 minutes",
    steady("data", 1000, 1900),
    31 * minute,
    "421 4.4.2",
    30 * minute + 1000,
  ],
  [
    "each transaction has its own",
    steady("data", 1000, 1900).map((moment, index) => ({ ...moment, transaction: index > 900 ? 2 : 1 })),
    31 * minute,
    undefined,
    31 * minute,
  ],
  [
    "one who speaks on without ending it is stopped too",
    steady("command", 0, 1900).map((moment, index) => ({ ...moment, replies: index })),
    31 * minute,
    "421 4.4.2",
    30 * minute + 1000,
  ],
  [
    "one who only makes talk is let go after 30 minutes",
    steady("command", 0, 1900).map((moment, index) => ({ ...moment, transaction: 0, replies: index })),
    31 * minute,
    "421 4.4.2",
    30 * minute,
  ],
  [
    "the store's time is not the client's",
    [{ atMs: 1000, phase: "store" }],
    40 * minute,
    undefined,
    40 * minute,
  ],
  ["a handshake has 30 seconds", [{ atMs: 1000, phase: "handshake" }], minute, "destroy", 31_000],
  ["a closed session lingers 5 seconds", [{ atMs: 1000, phase: "closing" }], minute, "destroy", 6000],
] as const;

for (const [sentence, moments, untilMs, verdict, atMs] of rows) {
  test(sentence, () => {
    const judged = watch(moments, untilMs);
    assert.deepEqual({ verdict: refused(judged.verdict), atMs: judged.atMs }, { verdict, atMs });
  });
}
