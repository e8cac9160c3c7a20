import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createChallengeRecord } from "../../functions/aws/challenge-record.ts";
import { emulatedIdentity } from "./emulated.ts";
import { type Answer, startScripted } from "./scripted.ts";

Object.assign(process.env, emulatedIdentity);
const change = (status: string): Answer => ({
  headers: { "content-type": "text/xml" },
  body: `<R xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeInfo><Id>/change/C1</Id><Status>${status}</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></R>`,
});

async function setUp(answer: () => Answer) {
  const server = await startScripted(answer);
  after(server.close);
  return { server, record: createChallengeRecord("Z123", server.endpoint) };
}

test("a record is there when every name server of the zone has it", async () => {
  const { server, record } = await setUp(() => change("INSYNC"));
  await record.put("_acme-challenge.mx.example.com", "digest");
  assert.deepEqual(
    server.asked.map(({ method, url }) => `${method} ${url}`),
    ["POST /2013-04-01/hostedzone/Z123/rrset", "GET /2013-04-01/change/C1"],
  );
  const body = String(server.asked[0]?.body);
  for (const part of [
    "<Action>UPSERT</Action>",
    "<Name>_acme-challenge.mx.example.com</Name>",
    "<Type>TXT</Type>",
    "<Value>&quot;digest&quot;</Value>",
  ])
    assert.ok(body.includes(part), body);
});

test("it is taken away as it was put", async () => {
  const { server, record } = await setUp(() => change("PENDING"));
  await record.remove("_acme-challenge.mx.example.com", "digest");
  assert.equal(server.asked.length, 1);
  assert.match(String(server.asked[0]?.body), /<Action>DELETE<.*<TTL>60<.*digest/);
});

test("a zone that refuses is an error that names the record", async () => {
  const denied =
    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
  const { record } = await setUp(() => ({ status: 403, body: denied }));
  await assert.rejects(record.put("_acme-challenge.mx.example.com", "digest"), {
    message: "record _acme-challenge.mx.example.com in zone Z123",
  });
});
