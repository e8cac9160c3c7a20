import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../functions/mail/config.ts";
import { withCanary } from "../../functions/publish/with-canary.ts";

const queue = "arn:aws:sqs:eu-west-1:111122223333:mailchute-canary";
const config = parseConfig({
  hostname: "mx.test",
  endpoints: { helpdesk: { url: "https://app.example.com/hooks/mail" } },
  routes: [{ name: "rest", when: { recipient: "*@mx.test" }, to: ["helpdesk"] }],
});

test("the canary's route comes before every other, and the rest is as it was", () => {
  const json = withCanary(JSON.stringify(config), { address: "canary-1@mx.test", queue });
  const published = parseConfig(JSON.parse(json));
  assert.deepEqual(published.endpoints, { ...config.endpoints, canary: { queue } });
  assert.deepEqual(
    published.routes.map(({ name }) => name),
    ["canary", "rest"],
  );
  assert.deepEqual({ ...published, endpoints: {}, routes: [] }, { ...config, endpoints: {}, routes: [] });
});
