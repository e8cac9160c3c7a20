import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createApi } from "../../infra/cli/api.ts";
import { wait } from "../../infra/cli/messages.ts";
import { send } from "../../infra/cli/send.ts";
import { type TemplateName, templates } from "../../infra/cli/templates.ts";
import { MessageDetail } from "../../infra/local/http/api/schemas.ts";
import { type LocalRunner, startRunner } from "../support/local-runner.ts";

let runner: LocalRunner;
before(async () => {
  const routes = [{ name: "rest", when: { recipient: "*@example.com" }, to: "inbox" }];
  runner = await startRunner({ hostname: "mx.example.com", endpoints: { inbox: { sink: true } }, routes });
});
after(() => runner.stop());

type Message = NonNullable<MessageDetail["message"]>;

const rows: readonly [TemplateName, string, (message: Message) => unknown, unknown][] = [
  [
    "plain",
    "is text alone",
    ({ message }) => [message.html, message.text?.startsWith("Hello")],
    [null, true],
  ],
  [
    "html",
    "brings its image along",
    ({ attachments }) => attachments.map(({ contentId }) => contentId),
    ["pixel"],
  ],
  ["attachment", "has two", ({ attachments }) => attachments.length, 2],
  ["reply", "answers something", ({ thread }) => thread.inReplyTo, "<order-1@example.com>"],
  [
    "calendar",
    "is an invitation",
    ({ attachments }) => attachments.some((one) => /calendar|ics/.test(one.contentType)),
    true,
  ],
  [
    "bounce",
    "is a bounce from nobody",
    ({ envelope, kind }) => [envelope.mailFrom, kind.bounce !== null],
    [null, true],
  ],
  [
    "spoofed",
    "names one sender and comes from another",
    ({ envelope, message }) => [envelope.mailFrom, message.from[0]?.address],
    ["bulk@mailer.example.net", "service@bank.example"],
  ],
];
for (const [name, sentence, look, expected] of rows) {
  test(`the template ${name} ${sentence}`, async () => {
    const mail = templates[name]({ from: "ann@example.org", to: [`${name}@example.com`] });
    const server = `127.0.0.1:${runner.smtpPort}`;
    const { accepted } = await send(mail, { server, count: 1, connections: 1 });
    assert.equal(accepted, 1);
    const api = createApi(runner.origin);
    const { text } = await wait(`to:${name}@example.com is:delivered`, { timeout: 30 }, api);
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text)?.[0] ?? assert.fail(text);
    const { message } = await api.get(`/messages/${id}`, MessageDetail);
    assert.deepEqual(look(message ?? assert.fail("no message")), expected);
  });
}
