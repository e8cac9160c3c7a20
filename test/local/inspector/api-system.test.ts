import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Status } from "../../../infra/local/http/api/schemas.ts";
import { config, mail, startApi } from "./api.ts";

let api: Awaited<ReturnType<typeof startApi>>;
before(async () => {
  api = await startApi();
});
after(() => api.runner.stop());

test("the totals add up, and what is under way is in a queue", async () => {
  await api.waitFor(`id:${await api.runner.send(mail)} is:delivered`);
  const { totals, queues, endpoints } = await api.get(Status, "/status");
  const { accepted, delivered, dropped, quarantined, dead, underway, queued } = totals;
  assert.ok(accepted > 0);
  assert.equal(accepted, delivered + dropped + quarantined + dead + underway);
  assert.ok(underway <= queued);
  assert.deepEqual(
    queues.map(({ stage }) => stage),
    ["parse", "validate", "route", "deliver"],
  );
  assert.equal(endpoints.find(({ endpoint }) => endpoint === "inbox")?.lastStatus, 204);
});

test("chaos makes the store fail as often as told, and the client is told to come back", async () => {
  assert.equal((await api.call("PUT", "/chaos/store", { failProbability: 1 })).status, 200);
  await assert.rejects(api.runner.send({ ...mail, subject: "unlucky" }), { responseCode: 451 });
  assert.deepEqual((await api.call("GET", "/chaos")).json, {
    faults: { store: { failProbability: 1, delayMs: 0 } },
  });
  assert.deepEqual((await api.call("DELETE", "/chaos")).json, { faults: {} });
  const id = await api.runner.send({ ...mail, subject: "lucky" });
  await api.waitFor(`id:${id} is:delivered`);
});

test("a config can be tried, and a wrong one is refused with its problems", async () => {
  const other = { ...config, routes: [{ name: "tried", when: { recipient: "*@example.com" }, to: "inbox" }] };
  assert.equal((await api.call("PUT", "/config", { config: other })).status, 200);
  const id = await api.runner.send({ ...mail, subject: "tried" });
  assert.deepEqual((await api.waitFor(`id:${id} is:delivered`)).routes, ["tried"]);
  assert.equal((await api.call("PUT", "/config", { config })).status, 200);
  assert.equal((await api.call("PUT", "/config", { config: { hostname: "x" } })).status, 400);
  const checked = await api.call("POST", "/config/check", { config: { ...config, routes: [] } });
  assert.match(checked.json.problems[0], /no mail would be taken/);
});

test("a secret that is rotated signs beside the new one, and never shows itself", async () => {
  const read = async () => JSON.parse(await readFile(join(api.runner.folder, "secrets.json"), "utf8")).inbox;
  const [old] = await read();
  const { json } = await api.call("POST", "/secrets/inbox/rotate");
  assert.deepEqual(json, { endpoint: "inbox" });
  const [fresh, previous] = await read();
  assert.equal(previous, old);
  assert.notEqual(fresh, old);
  const id = await api.runner.send({ ...mail, subject: "signed" });
  await api.waitFor(`id:${id} is:delivered`);
  assert.equal((await api.call("POST", "/secrets/nobody/rotate")).status, 404);
});

const wrong: readonly [string, string, string, unknown, number, RegExp][] = [
  ["a query that cannot be read", "GET", "/messages?q=form:x", undefined, 400, /did you mean from/],
  ["a limit past the limit", "GET", "/messages?limit=501", undefined, 400, /^query limit: /],
  ["a time that is none", "GET", "/wait?since=yesterday", undefined, 400, /^query since: /],
  ["a message that is not there", "GET", "/messages/none", undefined, 404, /no such message/],
  [
    "an attachment that is not there",
    "GET",
    "/messages/none/attachments/0",
    undefined,
    404,
    /no such attachment/,
  ],
  ["a stage that is none", "POST", "/queues/smtp/redrive", {}, 404, /no such stage/],
  ["a behaviour that is none", "PUT", "/sink/inbox", { behaviour: "odd" }, 400, /^body behaviour: /],
  [
    "a probability that is none",
    "PUT",
    "/chaos/store",
    { failProbability: 2 },
    400,
    /^body failProbability: /,
  ],
  ["a part that is none", "PUT", "/chaos/moon", {}, 404, /store, queue, webhook, dns/],
];
for (const [name, method, path, body, status, error] of wrong) {
  test(`${name} is answered with ${status} and a sentence`, async () => {
    const answer = await api.call(method, path, body);
    assert.equal(answer.status, status);
    assert.match(answer.json.error, error);
  });
}

test("every operation stands in the OpenAPI document", async () => {
  const { json } = await api.call("GET", "/openapi.json");
  assert.equal(json.openapi, "3.1.0");
  assert.equal(Object.keys(json.paths).length, 25);
  assert.ok(
    json.paths["/api/v1/wait"].get.parameters.some(({ name }: { name: string }) => name === "timeout"),
  );
  const ids = Object.values<Record<string, { operationId: string }>>(json.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
});
