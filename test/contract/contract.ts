import assert from "node:assert/strict";
import { describe, test } from "node:test";

/** Sentences of a contract that an implementation is known to break, each with the reason. */
export type KnownGaps = Readonly<Record<string, string>>;

export interface Subject {
  close(): Promise<void>;
}

export type Row<Of extends Subject> = readonly [sentence: string, check: (subject: Of) => Promise<void>];

const rowTimeoutMs = 30_000;

/**
 * Runs each row on a subject of its own, all at the same time. A known gap is reported as `todo` with its reason, and
 * fails once the row holds, so that the list of gaps cannot grow stale.
 */
export function runContract<Of extends Subject>(
  name: string,
  rows: readonly Row<Of>[],
  { open, knownGaps }: { open: () => Promise<Of>; knownGaps: KnownGaps },
): void {
  describe(name, { concurrency: true }, () => {
    test("every known gap names a row", () => {
      const sentences = rows.map(([sentence]) => sentence);
      assert.deepEqual(
        Object.keys(knownGaps).filter((gap) => !sentences.includes(gap)),
        [],
      );
    });
    for (const [sentence, check] of rows) {
      test(sentence, { timeout: rowTimeoutMs }, async (context) => {
        const subject = await open();
        try {
          const gap = knownGaps[sentence];
          if (gap === undefined) return await check(subject);
          await assert.rejects(check(subject), Error, "the gap has closed: strike it from the known gaps");
          context.todo(gap);
        } finally {
          await subject.close();
        }
      });
    }
  });
}
