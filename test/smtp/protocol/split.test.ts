import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyGroups, runSession, splitAt } from "../../support/smtp-session.ts";

const setups = [
  {},
  { bareNewlines: "flag", tls: "on" },
  { messageMaxSizeBytes: 20, recipientsMax: 1, hopsMax: 2 },
] as const;

for (const setup of setups) {
  test(`row 12: the events are the same for every split of the input: ${JSON.stringify(setup)}`, () => {
    fc.assert(
      fc.property(anyGroups, fc.array(fc.nat(), { maxLength: 10 }), (groups, cuts) => {
        const whole = runSession(groups, (group) => [group], setup);
        assert.deepEqual(runSession(groups, splitAt(cuts), setup), whole);
      }),
      { numRuns: 500 },
    );
  });
}

test("one octet at a time is a split too", () => {
  fc.assert(
    fc.property(anyGroups, (groups) => {
      const octets = (group: Buffer) => Array.from(group, (octet) => Buffer.of(octet));
      assert.deepEqual(
        runSession(groups, octets),
        runSession(groups, (group) => [group]),
      );
    }),
    { numRuns: 300 },
  );
});
