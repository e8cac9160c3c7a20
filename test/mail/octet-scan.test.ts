import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OctetScan } from "../../functions/mail/octet-scan.ts";

test("the next octet up to CR is found as one by one would find it, at any alignment", () => {
  const octet = fc.oneof(
    { weight: 20, arbitrary: fc.nat(255) },
    fc.constantFrom(0, 10, 13, 14, 127, 128, 141, 255),
  );
  const text = fc.array(fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 14, max: 255 }) }, octet), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, fc.nat(7), fc.nat(60), (octets, offset, start) => {
      const memory = Buffer.alloc(octets.length + 16, 13);
      memory.set(octets, offset);
      const bytes = memory.subarray(offset, offset + octets.length);
      const from = Math.min(start, bytes.length);
      const found = bytes.findIndex((value, index) => index >= from && value <= 13);
      assert.equal(new OctetScan(bytes).next(from), found < 0 ? bytes.length : found);
    }),
    { numRuns: 3000 },
  );
});
