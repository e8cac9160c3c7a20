import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as z from "zod";
import { replayParts } from "../../functions/deliver/replay.ts";
import { createApi } from "../../infra/cli/api.ts";
import { check, pull, push, rotateSecret } from "../../infra/cli/config.ts";
import { doctor, type Finding } from "../../infra/cli/doctor.ts";
import { CommandError, exitCodes } from "../../infra/cli/exit.ts";
import { explain, list, redrive, replay, show, tail, wait } from "../../infra/cli/messages.ts";
import { type LocalRunner, startRunner } from "../support/local-runner.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const config = {
  hostname: "mx.example.com",
  endpoints: { inbox: { sink: true } },
  routes: [{ name: "rest", when: { recipient: "*@example.com" }, to: "inbox" }],
} satisfies Parameters<typeof startRunner>[0];
const mail = { from: "ann@example.org", to: "help@example.com", subject: "A question", text: "How?" };

let runner: LocalRunner;
before(async () => {
  runner = await startRunner(config);
});
after(() => runner.stop());
const api = () => createApi(runner.origin);

const isNo = (message: RegExp) => (error: unknown) =>
  error instanceof CommandError && error.exitCode === exitCodes.no && message.test(error.message);

test("a message is waited for, listed and shown", async () => {
  const id = await runner.send({ ...mail, subject: "Shown" });
  assert.match((await wait(`id:${id} is:delivered`, { timeout: 30 }, api())).text, /delivered .*Shown$/);
  assert.match((await list("subject:shown", 20, api())).text, /^TIME .*SUBJECT\n.*delivered .*Shown$/);
  const { text } = await show(id, api());
  assert.match(text, /^State +delivered\nFrom +ann@example\.org <ann@example\.org>/);
  assert.match(text, /\n\d\d:\d\d:\d\d\.\d{3} +smtp +accepted /);
  assert.match(
    text,
    /\n\d\d:\d\d:\d\d\.\d{3} +C: +MAIL FROM:<ann@example\.org>\n[\d:.]+ +S: +250 2\.1\.0 Sender ok\n/,
  );
  assert.match(text, /How\?$/);
});

test("a refused transaction is shown by its number, with what was said", async () => {
  await runner.send({ ...mail, to: "nobody@elsewhere.example" }).catch(() => undefined);
  await wait("is:refused", { timeout: 30 }, api());
  const { text: listed } = await list("is:refused", 1, api());
  const number = / (\d+) +550 5\.1\.1/.exec(listed)?.[1] ?? assert.fail(listed);
  const { text } = await show(number, api());
  assert.match(text, /^State +refused: 550 5\.1\.1 No such recipient here\n/);
  assert.match(text, /C: +RCPT TO:<nobody@elsewhere\.example> \(pipelined\)\n[\d:.]+ +S: +550 5\.1\.1/);
});

test("a wait that nothing ends is answered with no", async () => {
  const since = new Date(Date.now() + 60_000).toISOString();
  await assert.rejects(wait("subject:nothing", { timeout: 0, since }, api()), isNo(/nothing matched/));
});

test("what a sender wrote does not steer the terminal", async () => {
  const id = await runner.send({ ...mail, subject: "\u001b[2Jgone" });
  await wait(`id:${id} is:delivered`, { timeout: 30 }, api());
  const { text } = await list(`id:${id}`, 20, api());
  assert.equal(text.includes("\u001b"), false);
});

test("a message that is not there is told so", async () => {
  await assert.rejects(show("none", api()), isNo(/no such message/));
  await assert.rejects(replay("none", {}, api()), isNo(/no such message/));
});

test("the tail has each message as it comes", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const following = tail(api(), ({ text }) => /Tailed/.test(text) && resolve(text));
  following.catch(() => undefined); // It ends with the program.
  await runner.send({ ...mail, subject: "Tailed" });
  assert.match(await promise, /Tailed$/);
});

test("a file is explained without being sent", async (context) => {
  const file = join(temporaryFolder(context), "mail.eml");
  writeFileSync(file, "From: ann@example.org\r\nSubject: File\r\n\r\ntext\r\n");
  const { text } = await explain(file, { to: ["help@example.com"], remoteIp: "192.0.2.1" }, api());
  assert.match(text, /^help@example\.com: deliver to inbox by rest\n/);
  assert.match(text, /recipient asks for \*@example\.com, saw help@example\.com/);
});

test("a replay and a redrive say what they did", async () => {
  const id = await runner.send({ ...mail, subject: "Again" });
  await wait(`id:${id} is:delivered`, { timeout: 30 }, api());
  assert.equal((await replay(id, { reason: "test" }, api())).text, `replayed ${id}`);
  await wait(`id:${id} is:replayed is:delivered`, { timeout: 30 }, api());
  const [since, until] = ["2000-01-01T00:00:00Z", "2000-01-02T00:00:00Z"];
  const parts: number[] = [];
  const tell = (part: number) => parts.push(part);
  assert.equal((await replay(undefined, { since, until, route: "rest" }, api(), tell)).text, "replayed 0");
  assert.deepEqual(
    parts,
    Array.from({ length: replayParts }, (_, part) => part + 1),
  );
  for (const [named, options] of [
    [undefined, {}],
    [id, { since }],
  ] as const)
    await assert.rejects(replay(named, options, api()), /name a message, or a time/);
  const told: [number, number][] = [];
  const begin = (total: number) => (done: number) => told.push([done, total]);
  assert.equal((await redrive("deliver", api(), begin)).text, "redriven 0");
  assert.deepEqual(told, [[0, 0]]);
  await assert.rejects(redrive("smtp", api()), isNo(/no such stage/));
});

test("a config is checked, pushed and pulled", async (context) => {
  const file = join(temporaryFolder(context), "config.json");
  writeFileSync(file, JSON.stringify({ ...config, hostname: "mx2.example.com" }));
  assert.match((await check(file)).text, /config\.json is right$/);
  await push(file, api());
  const Pulled = z.object({ hostname: z.string() });
  assert.equal(Pulled.parse((await pull(api())).json).hostname, "mx2.example.com");
  writeFileSync(file, JSON.stringify({ ...config, hostnam: 1 }));
  await assert.rejects(check(file), isNo(/hostnam/));
});

test("a secret that is rotated is not printed", async () => {
  const { text, json } = await rotateSecret("inbox", api());
  assert.doesNotMatch(text + JSON.stringify(json), /whsec_/);
});

const Findings = z.object({ findings: z.custom<Finding[]>(Array.isArray) });

test("the doctor finds a running program well", async () => {
  const smtpServer = `127.0.0.1:${runner.smtpPort}`;
  const { isWell, json } = await doctor({
    api: api(),
    stack: null,
    smtpServer,
    configFile: runner.configFile,
    domain: null,
  });
  const { findings } = Findings.parse(json);
  assert.deepEqual(findings.map(({ what, state }) => `${what} ${state}`).slice(0, 4), [
    "config good",
    "api good",
    "messages good",
    "queue parse good",
  ]);
  assert.ok(findings.some(({ what, state }) => what === "tls" && state === "good"));
  assert.ok(isWell);
});

const silent: readonly (readonly [string, string | null, string | null, RegExp])[] = [
  ["where nothing runs", null, "none.json", /npm start/],
  ["where a stack does not answer", "mail", null, /credentials may read the stack's queues/],
];
for (const [sentence, stack, configFile, words] of silent) {
  test(`the doctor says what to do ${sentence}`, async () => {
    const deps = { api: createApi("http://127.0.0.1:1"), smtpServer: "127.0.0.1:1", domain: null };
    const { isWell, json } = await doctor({ ...deps, stack, configFile });
    const { findings } = Findings.parse(json);
    assert.deepEqual(
      findings.map(({ what, state }) => `${what} ${state}`),
      ["config bad", "api bad", "smtp bad"],
    );
    const advised = findings.map(({ advice }) => advice ?? assert.fail("no advice"));
    assert.match(advised[1] ?? "", words);
    assert.equal(/npm start/.test(advised.join()), stack === null);
    assert.ok(!isWell);
  });
}
