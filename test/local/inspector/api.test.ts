import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as z from "zod";
import {
  DeadLetters,
  Explanations,
  MessageDetail,
  MessageList,
} from "../../../infra/local/http/api/schemas.ts";
import { NumberedEntry } from "../../../infra/local/inspector/index-tables.ts";
import { config, mail, startApi } from "./api.ts";

let api: Awaited<ReturnType<typeof startApi>>;
before(async () => {
  api = await startApi();
});
after(() => api.runner.stop());

test("a mail can be waited for, and is told of in full", async () => {
  const waiting = api.waitFor('subject:"to be waited for" is:delivered');
  const attachments = [{ filename: "a name.txt", content: "attached" }];
  const id = await api.runner.send({ ...mail, subject: "To be waited for", attachments });
  const entry = await waiting;
  assert.equal(entry.id, id);
  assert.equal(entry.attachments, 1);
  const detail = await api.get(MessageDetail, `/messages/${id}`);
  assert.deepEqual(
    detail.events.map(({ stage, outcome }) => [stage, outcome]),
    [
      ["smtp", "accepted"],
      ["parse", "parsed"],
      ["validate", "validated"],
      ["route", "routed"],
      ["deliver", "delivered"],
    ],
  );
  assert.equal(detail.message?.message.text?.trim(), "How?");
  assert.equal(detail.message?.auth?.senderVerified, false);
  assert.equal(detail.entry.deliveries[0]?.status, 204);
});

test("the raw mail is what was sent, and nothing before it; an attachment is its content", async () => {
  const attachments = [{ filename: "ünï.txt", content: "attached" }];
  const id = await api.runner.send({ ...mail, attachments });
  const raw = await fetch(`${api.runner.origin}/api/v1/messages/${id}/raw`);
  assert.match(await raw.text(), /^From: ann@example\.org\r\n/);
  assert.equal(raw.headers.get("content-disposition"), `attachment; filename*=UTF-8''${id}.eml`);
  await api.waitFor(`id:${id} is:delivered`);
  const attachment = await fetch(`${api.runner.origin}/api/v1/messages/${id}/attachments/0`);
  assert.equal(await attachment.text(), "attached");
  assert.equal(
    attachment.headers.get("content-disposition"),
    "attachment; filename*=UTF-8''%C3%BCn%C3%AF.txt",
  );
});

test("a wait that nothing answers ends, and says so", async () => {
  const { status, json } = await api.call("GET", "/wait?timeout=0.05&q=subject:nothing-such");
  assert.deepEqual([status, json], [404, { error: "nothing matched within 0.05 s" }]);
});

test("a wait does not look before the time given", async () => {
  const id = await api.runner.send({ ...mail, subject: "old one" });
  await api.waitFor(`id:${id}`);
  const later = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
  assert.equal((await api.call("GET", `/wait?timeout=0&q=id:${id}&since=${later}`)).status, 404);
});

test("pages follow each other to the last", async () => {
  for (const n of [1, 2, 3]) await api.runner.send({ ...mail, subject: `paged ${n}` });
  await api.waitFor('subject:"paged 3"');
  const first = await api.get(MessageList, "/messages?q=subject:paged&limit=2");
  const second = await api.get(MessageList, `/messages?q=subject:paged&limit=2&before=${first.next}`);
  assert.deepEqual(
    [...first.messages, ...second.messages].map(({ subject }) => subject),
    ["paged 3", "paged 2", "paged 1"],
  );
  assert.equal(second.next, null);
});

test("a refused transaction stands in the list", async () => {
  await assert.rejects(api.runner.send({ ...mail, to: "nobody@elsewhere.example" }));
  const entry = await api.waitFor("is:refused");
  assert.match(entry.reason ?? "", /^550 5\.1\.1/);
});

test("what the events tell is what the list has", async () => {
  const signal = AbortSignal.timeout(30_000);
  const response = await fetch(`${api.runner.origin}/api/v1/events`, { signal });
  const reader = (response.body ?? assert.fail()).pipeThrough(new TextDecoderStream()).getReader();
  const id = await api.runner.send({ ...mail, subject: "streamed" });
  let text = "";
  while (!/"state":"delivered"/.test(text)) text += (await reader.read()).value ?? assert.fail(text);
  await reader.cancel();
  const told =
    text
      .match(/^event: message\ndata: (.*)$/gm)
      ?.at(-1)
      ?.split("data: ")[1] ?? "";
  const entry = NumberedEntry.parse(JSON.parse(told));
  assert.equal(entry.id, id);
  assert.deepEqual(entry, (await api.get(MessageDetail, `/messages/${id}`)).entry);
});

test("a delivery that waits can be had now, and a dead letter brought back", async () => {
  await api.call("PUT", "/sink/moody", { behaviour: "error" });
  const id = await api.runner.send({ ...mail, to: "moody@example.com", subject: "moody" });
  await api.waitFor(`id:${id} is:retrying`);
  await api.call("PUT", "/sink/moody", { behaviour: "gone" });
  assert.deepEqual((await api.call("POST", `/messages/${id}/retry`)).json, { hastened: 1 });
  await api.waitFor(`id:${id} is:dead`);
  const { deadLetters } = await api.get(DeadLetters, "/queues/deliver/dead");
  assert.equal(deadLetters[0]?.id, id);
  assert.match(deadLetters[0]?.reason ?? "", /^410/);
  assert.deepEqual((await api.call("POST", "/queues/deliver/redrive", { numbers: [] })).json, {
    redriven: 0,
  });
  await api.call("PUT", "/sink/moody", { behaviour: "ok" });
  assert.deepEqual((await api.call("POST", "/queues/deliver/redrive", {})).json, { redriven: 1 });
  await api.waitFor(`id:${id} is:delivered`);
});

test("a replay is a webhook of its own that says so", async () => {
  const id = await api.runner.send({ ...mail, subject: "again, please" });
  await api.waitFor(`id:${id} is:delivered`);
  const { json } = await api.call("POST", `/messages/${id}/replay`, { reason: "for the test" });
  assert.deepEqual(json, { replayed: 1 });
  const Deliveries = z.array(
    z.object({
      webhookId: z.string(),
      body: z.object({ data: z.object({ id: z.string(), replay: z.unknown() }) }),
    }),
  );
  const entry = await api.waitFor(`id:${id} is:delivered is:replayed`);
  assert.deepEqual(
    entry.deliveries.map(({ isReplay }) => isReplay),
    [false, true],
  );
  const deliveries = await api.get(Deliveries, "/deliveries");
  const own = deliveries.filter(({ body }) => body.data.id === id);
  assert.deepEqual(
    own.map(({ body }) => body.data.replay !== null),
    [true, false],
  );
  assert.equal((await api.call("POST", "/messages/none/replay", {})).status, 404);
});

test("a replay of a time sends what came in it, marked, and by the route that it names alone", async () => {
  const since = new Date().toISOString();
  const id = await api.runner.send({ ...mail, subject: "of that time" });
  await api.waitFor(`id:${id} is:delivered`);
  const until = new Date().toISOString();
  const replayed = async (body: object) => (await api.call("POST", "/replay", body)).json;
  assert.deepEqual(await replayed({ since: "2000-01-01T00:00:00Z", until: "2000-01-02T00:00:00Z" }), {
    replayed: 0,
  });
  assert.deepEqual(await replayed({ since, until, route: "rest", reason: "lost" }), { replayed: 1 });
  const { deliveries } = await api.waitFor(`id:${id} is:delivered is:replayed`);
  assert.deepEqual(
    deliveries.map(({ isReplay }) => isReplay),
    [false, true],
  );
  assert.equal((await api.call("POST", "/replay", { since: "yesterday" })).status, 400);
});

test("explain tells what each route saw, by the config in force and by another", async () => {
  const id = await api.runner.send({ ...mail, subject: "explained" });
  await api.waitFor(`id:${id}`);
  const inForce = Explanations.parse((await api.call("POST", `/messages/${id}/explain`, {})).json);
  const taken = ({ explanations }: Explanations) =>
    explanations[0]?.routes.filter(({ isTaken }) => isTaken).map(({ route }) => route);
  assert.deepEqual(taken(inForce), ["rest"]);
  assert.deepEqual(inForce.explanations[0]?.routes[0]?.conditions[0]?.seen, ["explained"]);
  const other = { ...config, routes: [{ name: "other", when: { recipient: "help@*" }, to: "inbox" }] };
  assert.deepEqual(
    taken(Explanations.parse((await api.call("POST", `/messages/${id}/explain`, { config: other })).json)),
    ["other"],
  );
  const broken = await api.call("POST", `/messages/${id}/explain`, { config: { ...config, hostname: 7 } });
  assert.equal(broken.status, 400);
  assert.match(broken.json.error, /hostname/);
});

test("a mail that was never sent is explained as well", async () => {
  const url = `${api.runner.origin}/api/v1/explain?to=help@example.com,moody@example.com&from=ann@example.org`;
  const response = await fetch(url, { method: "POST", body: "Subject: buy spam\r\n\r\nnow\r\n" });
  const { explanations } = Explanations.parse(await response.json());
  assert.deepEqual(
    explanations.map(({ recipient, decisions: [decision] }) => [recipient, decision?.kind, decision?.route]),
    [
      ["help@example.com", "drop", "spam"],
      ["moody@example.com", "drop", "spam"],
    ],
  );
});

test("deleting takes all that is settled, with what the store has of it", async () => {
  const id = await api.runner.send({ ...mail, subject: "to be deleted" });
  await api.waitFor(`id:${id} is:delivered`);
  const { json } = await api.call("DELETE", "/messages");
  assert.ok(json.deleted > 0);
  assert.equal(json.kept, 0);
  assert.equal((await api.get(MessageList, "/messages")).messages.length, 0);
  assert.equal((await api.call("GET", `/messages/${id}/raw`)).status, 404);
  assert.deepEqual((await api.call("GET", "/deliveries")).json, []);
});

test("a message is found by any of its recipients, and the list shows the first of them", async () => {
  const to = Array.from({ length: 12 }, (_, n) => `several-${n}@example.com`);
  const id = await api.runner.send({ ...mail, to });
  for (const address of to) assert.equal((await api.waitFor(`to:${address}`)).id, id);
  const page = await (await fetch(`${api.runner.origin}/?q=id:${id}`)).text();
  assert.match(page.replaceAll("<wbr>", ""), /several-2@example\.com and 9 more</);
});
