import assert from "node:assert/strict";
import { test } from "node:test";
import { findForgedResults } from "../../functions/validate/forgery.ts";

const own = new Set(["mx.test", "shop.test"]);

for (const [sentence, field, isForged] of [
  ["ours", ["Authentication-Results", "mx.test; spf=pass"], true],
  ["ours in another case", ["AUTHENTICATION-RESULTS", "MX.Test; spf=pass"], true],
  ["ours with a version", ["Authentication-Results", " mx.test 1; spf=pass"], true],
  ["ours behind a comment", ["Authentication-Results", "(hi)mx.test(there); spf=pass"], true],
  ["ours in quotes", ["Authentication-Results", '"mx.test"; spf=pass'], true],
  ["ours without a result", ["Authentication-Results", "mx.test"], true],
  ["that of a domain of ours", ["Authentication-Results", "shop.test; dmarc=pass"], true],
  ["another's below a domain of ours", ["Authentication-Results", "relay.shop.test; spf=pass"], false],
  ["another's", ["Authentication-Results", "mx.other.test; spf=pass"], false],
  ["another's that mentions us", ["Authentication-Results", "mx.other.test; spf=pass reason=mx.test"], false],
  ["another field", ["ARC-Authentication-Results", "i=1; mx.test; spf=pass"], false],
] as const)
  test(`Authentication-Results: ${sentence} ${isForged ? "is forged" : "is left alone"}`, () => {
    const found = findForgedResults([field], own).map(({ code }) => code);
    assert.deepEqual(found, isForged ? ["forged-authentication-results"] : []);
  });
