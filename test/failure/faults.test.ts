import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { createTransport } from "nodemailer";
import { type Outside, realOutside, startLocal } from "../../infra/local/start.ts";
import { pipeline } from "../../infra/pipeline.ts";
import { createFault, withFault } from "../support/faults.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { startReceiver } from "../support/webhook-receiver.ts";

const stages = pipeline.map(({ stage }) => stage);

/** Every kind of outside call that a message makes; stage parse is fed by the store, in one transaction with the object. */
const calls = [
  "store.put",
  "store.putStream",
  "store.get",
  ...["validate", "route", "deliver"].map((name) => `queue.send ${name}`),
  ...stages.map((name) => `queue.receive ${name}`),
  ...stages.map((name) => `queue.delete ${name}`),
  "dns",
  "post",
];

/** A lost message never arrives: the test must then end, and fail. */
const patienceMs = 2 * 60_000;

const large = Buffer.alloc(6 * 1024 * 1024, 7);
const mail = { from: "a@example.org", to: "help@example.com", subject: "fault", text: "text" };
const mails = [mail, { ...mail, attachments: [{ filename: "large.bin", content: large }] }];

describe("each outside call fails once, and nothing is lost", { concurrency: 6 }, () => {
  for (const call of calls) {
    test(call, { timeout: patienceMs }, async (context) => {
      const fault = createFault(call);
      const { port, receiver } = await startPipeline(context, (outside) => withFault(fault, outside));
      const acknowledged = await sendUntilAccepted(port);
      const delivered = () => new Set(receiver.received.map(({ body }) => body.data.id));
      await receiver.until(() => acknowledged.isSubsetOf(delivered()));
      assert.ok(fault.hasFired, "the call was never made");
      assert.equal(receiver.forged, 0);
      for (const [id, deliveries] of Map.groupBy(receiver.received, ({ body }) => body.data.id)) {
        assert.ok(acknowledged.has(id), `${id} arrived and was never acknowledged`);
        assert.equal(new Set(deliveries.map(({ webhookId }) => webhookId)).size, 1);
      }
    });
  }
});

async function startPipeline(context: TestContext, wrap: (outside: Outside) => Outside) {
  const receiver = await startReceiver();
  const { path: folder, remove } = createTemporaryFolder();
  const configFile = join(folder, "config.json");
  const config = {
    hostname: "mx.example.com",
    endpoints: { hook: { url: receiver.url, allowPrivateAddress: true } },
    routes: [{ name: "all", when: { recipient: "*@example.com" }, to: ["hook"] }],
  };
  await writeFile(configFile, JSON.stringify(config));
  const settings = { host: "127.0.0.1", smtpPort: 0, httpPort: 0, folder: join(folder, "data"), configFile };
  const nowhere = { ...realOutside(() => undefined), resolve: answerNothing };
  const running = await startLocal(settings, wrap(nowhere));
  receiver.secret = JSON.parse(await readFile(join(settings.folder, "secrets.json"), "utf8")).hook[0];
  context.after(async () => {
    await running.stop();
    await receiver.close();
    remove();
  });
  return { port: running.smtpPort, receiver };
}

const answerNothing = async () => {
  throw Object.assign(new Error("queryTxt ENOTFOUND"), { code: "ENOTFOUND" });
};

/** As a mail server does: what gets 451 is sent again. */
async function sendUntilAccepted(port: number): Promise<Set<string>> {
  const transport = createTransport({ host: "127.0.0.1", port, tls: { rejectUnauthorized: false } });
  const send = async (message: (typeof mails)[number]): Promise<string> => {
    for (;;) {
      try {
        return (await transport.sendMail(message)).response;
      } catch (error) {
        const isTemporary = error instanceof Error && "responseCode" in error && error.responseCode === 451;
        if (!isTemporary) throw error;
      }
    }
  };
  const responses = await Promise.all(mails.map(send));
  transport.close();
  return new Set(responses.map((response) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(response)?.[0] ?? response));
}
