import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoffMs, judgeAnswer, judgeError } from "../../functions/aws/put-verdict.ts";

const errorBody = (code: string, message: string) =>
  `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message}</Message><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>`;

const answers = [
  ["200 is stored", 200, "", { kind: "stored" }],
  ["412 is there already", 412, errorBody("PreconditionFailed", "no"), { kind: "exists" }],
  [
    "throttling passes",
    503,
    errorBody("SlowDown", "Please reduce your request rate."),
    { kind: "again", reason: "503 SlowDown: Please reduce your request rate." },
  ],
  ["a 500 without a body passes", 500, "", { kind: "again", reason: "500" }],
  ["429 passes", 429, "", { kind: "again", reason: "429" }],
  [
    "a body that S3 waited for in vain passes, though it says 400",
    400,
    errorBody("RequestTimeout", "idle"),
    { kind: "again", reason: "400 RequestTimeout: idle" },
  ],
  [
    "two conditional writes at once pass",
    409,
    errorBody("ConditionalRequestConflict", "conflict"),
    { kind: "again", reason: "409 ConditionalRequestConflict: conflict" },
  ],
  [
    "a checksum that differs fails",
    400,
    errorBody("BadDigest", "The CRC32 you specified did not match."),
    { kind: "failed", reason: "400 BadDigest: The CRC32 you specified did not match." },
  ],
  [
    "a refusal fails, and says nothing of keys",
    403,
    errorBody("AccessDenied", "Access Denied"),
    { kind: "failed", reason: "403 AccessDenied: Access Denied" },
  ],
  ["a redirect fails", 301, "", { kind: "failed", reason: "301" }],
  ["a body that is no XML is left out", 404, "<html>no", { kind: "failed", reason: "404" }],
  [
    "a long message is cut",
    403,
    errorBody("X", "m".repeat(201)),
    { kind: "failed", reason: `403 X: ${"m".repeat(200)}` },
  ],
] as const;

for (const [name, status, body, verdict] of answers) {
  test(name, () => assert.deepEqual(judgeAnswer(status, body), verdict));
}

const errors = [
  [
    "a broken connection passes",
    Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
    { kind: "again", reason: "read ECONNRESET" },
  ],
  [
    "an error of many addresses has a code alone",
    Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }),
    { kind: "again", reason: "ECONNREFUSED" },
  ],
  [
    "a request that cannot be written fails",
    Object.assign(new Error("invalid header"), { code: "UND_ERR_INVALID_ARG" }),
    { kind: "failed", reason: "invalid header" },
  ],
  ["what is no error passes", "odd", { kind: "again", reason: "odd" }],
] as const;

for (const [name, error, verdict] of errors) {
  test(name, () => assert.deepEqual(judgeError(error), verdict));
}

test("a back-off doubles up to its bound and is jittered over all of it", () => {
  const limits = { firstMs: 50, maxMs: 2_000 };
  assert.deepEqual(
    [1, 2, 6, 7, 60].map((attempt) => backoffMs(attempt, 1, limits)),
    [50, 100, 1_600, 2_000, 2_000],
  );
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const ms = backoffMs(attempt, random, limits);
      assert.ok(ms >= 0 && ms <= limits.maxMs);
    }),
  );
});
