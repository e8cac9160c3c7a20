import assert from "node:assert/strict";
import { test } from "node:test";
import { configKey, configMaxAgeMs, createConfigReader } from "../../functions/aws/config.ts";
import { createMemoryStore } from "../support/memory-store.ts";

const configOf = (hostname: string) =>
  JSON.stringify({
    hostname,
    endpoints: { inbox: { url: "https://app.example.com/mail" } },
    routes: [{ name: "all", when: { recipient: "*@example.com" }, to: ["inbox"] }],
  });

function setUp() {
  let nowMs = 1_000_000;
  let reads = 0;
  const store = createMemoryStore("mail");
  const problems: unknown[] = [];
  const counted = {
    bucket: store.bucket,
    get: async (key: string) => {
      reads += 1;
      return store.get(key);
    },
  };
  const report = (problem: string, detail: object) => void problems.push({ problem, ...detail });
  const config = createConfigReader({ store: counted, report, now: () => nowMs });
  return {
    hostname: async () => (await config()).hostname,
    put: async (text: string) => store.put(configKey, [Buffer.from(text)]),
    remove: async () => store.delete(configKey),
    pass: (ms: number) => {
      nowMs += ms;
    },
    problems,
    reads: () => reads,
  };
}

test("the config is read when it is first asked for, and once by all who ask at the same time", async () => {
  const { hostname, put, reads } = setUp();
  await put(configOf("mx.example.com"));
  assert.equal(reads(), 0);
  assert.deepEqual(await Promise.all([hostname(), hostname()]), ["mx.example.com", "mx.example.com"]);
  assert.equal(reads(), 1);
});

test("a new config is in force after 30 s, and not before", async () => {
  const { hostname, put, pass } = setUp();
  await put(configOf("old.example.com"));
  await hostname();
  await put(configOf("new.example.com"));
  pass(configMaxAgeMs - 1);
  assert.equal(await hostname(), "old.example.com");
  pass(1);
  assert.equal(await hostname(), "new.example.com");
});

const broken = [
  ["that is not JSON", "hostname: mx", /"s3:\/\/mail\/config\/config\.json is not JSON: /],
  ["that is no config", "{}", /hostname/],
] as const;

for (const [which, text, reason] of broken) {
  test(`a new config ${which} is reported, and the last good one stays`, async () => {
    const { hostname, put, pass, problems, reads } = setUp();
    await put(configOf("good.example.com"));
    await hostname();
    await put(text);
    pass(configMaxAgeMs);
    assert.equal(await hostname(), "good.example.com");
    assert.equal(await hostname(), "good.example.com");
    assert.equal(reads(), 2);
    assert.partialDeepStrictEqual(problems, [{ problem: "config-refused", isLastGoodKept: true }]);
    assert.match(JSON.stringify(problems), reason);
  });
}

test("a config that is gone leaves the last good one in force", async () => {
  const { hostname, put, remove, pass } = setUp();
  await put(configOf("good.example.com"));
  await hostname();
  await remove();
  pass(configMaxAgeMs);
  assert.equal(await hostname(), "good.example.com");
});

test("without any good config it throws, says where one belongs, and finds it as soon as it is there", async () => {
  const { hostname, put, problems } = setUp();
  await assert.rejects(hostname(), { message: "no config: put one at s3://mail/config/config.json" });
  assert.partialDeepStrictEqual(problems, [{ problem: "config-refused", isLastGoodKept: false }]);
  await put(configOf("mx.example.com"));
  assert.equal(await hostname(), "mx.example.com");
});
