/** The inspector's transcripts: with their message or refused transaction, for as long as it is there. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openEventLog } from "../../../infra/local/event-log.ts";
import { MessageDetail, MessageList } from "../../../infra/local/http/api/schemas.ts";
import { openIndex } from "../../../infra/local/inspector/open-index.ts";
import { openSmtpClient } from "../../support/smtp-client.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { brief } from "../../support/written-down.ts";
import { mail, startApi } from "./api.ts";
import { events, idOf, receivedAt } from "./events.ts";

const all = { before: null, sinceMs: null, max: 10 };
const linesOf = (text: string) => [{ at: receivedAt, by: "client", text, isPipelined: false } as const];

test("a transcript outlives the program, and goes with its message", (context) => {
  const folder = temporaryFolder(context);
  const first = openIndex(folder);
  const log = openEventLog(folder, first.onWritten);
  const [accepted, refused, other] = [
    events.accepted(idOf(1)),
    events.refused("550 No"),
    events.accepted(idOf(2)),
  ];
  first.index.keepTranscript(accepted, linesOf("one"));
  first.index.keepTranscript(refused, linesOf("two"));
  for (const event of [accepted, refused, other]) log.append(event);
  log.flush();
  first.close();
  const { index, close } = openIndex(folder);
  context.after(close);
  const [last, second, oldest] = index.list([], all);
  const transcripts = () => [oldest, second, last].map((entry) => index.transcript(entry?.seq ?? 0));
  assert.deepEqual(transcripts(), [linesOf("one"), linesOf("two"), null]);
  assert.equal(index.find(String(second?.seq))?.state, "refused", "a refused one has but a number");
  index.remove([oldest?.seq ?? 0, second?.seq ?? 0]);
  assert.deepEqual(transcripts(), [null, null, null]);
});

describe("a running program", () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  before(async () => {
    api = await startApi();
  });
  after(() => api.runner.stop());

  test("tells what was said of a message", async () => {
    const id = await api.runner.send(mail);
    await api.waitFor(`id:${id}`);
    const { transcript } = await api.get(MessageDetail, `/messages/${id}`);
    const said = (transcript ?? []).map(brief);
    assert.match(said[0] ?? "", /^- The client is 127\.0\.0\.1, port \d+$/);
    assert.ok(said.includes("C MAIL FROM:<ann@example.org>"), said.join("\n"));
    assert.equal(said.at(-1), `S 250 2.0.0 Ok: stored as ${id}`);
    const page = await fetch(`${api.runner.origin}/messages/${id}`);
    assert.match(await page.text(), /<td>MAIL FROM:&#60;ann@example\.org&#62;<\/td>/);
  });

  test("tells what was said of a refused transaction, of which nothing else is there", async () => {
    const client = await openSmtpClient(api.runner.smtpPort);
    await client.reply();
    for (const line of ["EHLO <b>", "MAIL FROM:<eve@example.net>", "RCPT TO:<no@elsewhere.example>", "QUIT"])
      await client.command(line);
    await api.waitFor("is:refused to:no@elsewhere.example");
    const { messages } = await api.get(MessageList, "/messages?q=is:refused");
    const path = `/messages/${messages[0]?.seq}`;
    const { transcript, message } = await api.get(MessageDetail, path);
    assert.equal(message, null);
    assert.deepEqual((transcript ?? []).map(brief).slice(-4), [
      "C RCPT TO:<no@elsewhere.example>",
      "S 550 5.1.1 No such recipient here",
      "C QUIT",
      "S 221 2.0.0 Bye",
    ]);
    const page = await (await fetch(`${api.runner.origin}${path}`)).text();
    assert.match(page, /EHLO &#60;b&#62;/);
    assert.match(page, /Nothing was stored/);
    const { json } = await api.call("DELETE", "/messages");
    assert.ok(json.deleted > 0);
    assert.equal((await api.call("GET", path)).status, 404);
  });
});
