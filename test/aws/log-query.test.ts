import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createLogQuery } from "../../functions/aws/log-query.ts";
import { emulatedIdentity } from "./emulated.ts";
import { type Answer, startScripted } from "./scripted.ts";

Object.assign(process.env, emulatedIdentity);
const question = { logGroups: ["/mailchute/a"], query: "stats count() as n", fromMs: 1_500, toMs: 2_500 };
const json = (body: object): Answer => ({ body: JSON.stringify(body) });

async function setUp(...answers: readonly Answer[]) {
  const server = await startScripted((_asked, count) => answers[count] ?? "reset");
  after(server.close);
  return { server, ask: createLogQuery(server.endpoint, 1) };
}

test("the rows are those of the query when it is done", async () => {
  const { server, ask } = await setUp(
    json({ queryId: "q1" }),
    json({ status: "Running", results: [] }),
    json({ status: "Complete", results: [[{ field: "n", value: "3" }]] }),
  );
  assert.deepEqual(await ask(question), [{ n: "3" }]);
  assert.deepEqual(JSON.parse(String(server.asked[0]?.body)), {
    logGroupNames: ["/mailchute/a"],
    queryString: "stats count() as n",
    startTime: 1,
    endTime: 3,
  });
  assert.deepEqual(JSON.parse(String(server.asked[2]?.body)), { queryId: "q1" });
});

test("a query that fails is an error, and no empty answer", async () => {
  const { ask } = await setUp(json({ queryId: "q1" }), json({ status: "Timeout" }));
  await assert.rejects(ask(question), /the query is Timeout/);
});

test("a query that is refused is an error", async () => {
  const denied = { status: 400, body: '{"__type":"AccessDeniedException","message":"no"}' };
  const { ask } = await setUp(denied);
  await assert.rejects(ask(question), { message: "the logs cannot be asked" });
});
