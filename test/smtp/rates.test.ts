import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { networkOf } from "../../functions/smtp/census.ts";
import { judgeDelaySeconds } from "../../functions/smtp/failure-delay.ts";
import { createRates } from "../../functions/smtp/rates.ts";
import { createFakeClock } from "../support/fake-clock.ts";

test("what a minute allows may come at once, and then each as its share of the minute passes", () => {
  const clock = createFakeClock();
  const rates = createRates(10, clock.now);
  const take = () => rates.take("a", 3);
  assert.deepEqual([take(), take(), take(), take()], [true, true, true, false]);
  clock.pass(19_999);
  assert.equal(take(), false);
  clock.pass(1);
  assert.deepEqual([take(), take()], [true, false]);
  clock.pass(60_000);
  assert.deepEqual([take(), take(), take(), take()], [true, true, true, false]);
});

test("each name has its own bucket, and one untouched for a minute is forgotten", () => {
  const clock = createFakeClock();
  const rates = createRates(10, clock.now);
  assert.deepEqual(
    ["a", "a", "b"].map((name) => rates.take(name, 1)),
    [true, false, true],
  );
  clock.pass(59_999);
  rates.take("c", 1);
  assert.equal(rates.size, 3);
  clock.pass(1);
  rates.take("d", 1);
  assert.equal(rates.size, 2);
});

test("past so many buckets the oldest give way", () => {
  const rates = createRates(3, createFakeClock().now);
  for (const name of ["a", "b", "c", "d"]) assert.equal(rates.take(name, 1), true);
  assert.equal(rates.size, 3);
  assert.equal(rates.take("d", 1), false);
  assert.equal(rates.take("a", 1), true);
});

test("it counts as a bucket that is filled token by token, millisecond by millisecond", () => {
  const steps = fc.array(fc.tuple(fc.nat(30_000), fc.nat(5)), { maxLength: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 240 }), steps, (perMinuteMax, pauses) => {
      const clock = createFakeClock();
      const rates = createRates(10, clock.now);
      // In 60,000ths of a token, which are whole numbers.
      let tokens = perMinuteMax * 60_000;
      for (const [pauseMs, attempts] of pauses) {
        clock.pass(pauseMs);
        tokens = Math.min(perMinuteMax * 60_000, tokens + pauseMs * perMinuteMax);
        for (let attempt = 0; attempt < attempts; attempt++) {
          const isThere = tokens >= 60_000;
          if (isThere) tokens -= 60_000;
          assert.equal(rates.take("a", perMinuteMax), isThere);
        }
      }
    }),
  );
});

const networks = [
  ["an IPv4 address is counted by itself", "192.0.2.1", "192.0.2.1"],
  ["an IPv6 address by its /64", "2001:db8:1:2:aaaa::1", "20010db800010002::/64"],
  ["whatever stands behind it", "2001:db8:1:2::ffff", "20010db800010002::/64"],
  ["and the next /64 by itself", "2001:db8:1:3::1", "20010db800010003::/64"],
  ["an IPv4-mapped address is an IPv4 address", "::ffff:192.0.2.1", "::ffff:192.0.2.1"],
] as const;

for (const [sentence, address, network] of networks) {
  test(sentence, () => assert.equal(networkOf(address), network));
}

const delays = [
  ["nothing at the limit", 10, 0],
  ["a second past it", 11, 1],
  ["twice as long each time", 13, 4],
  ["10 seconds at most", 15, 10],
  ["whatever comes", 10_000, 10],
] as const;

for (const [sentence, failures, seconds] of delays) {
  test(`a failure costs ${sentence}`, () => assert.equal(judgeDelaySeconds(failures, 10), seconds));
}
