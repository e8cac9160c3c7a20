import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { listen } from "../../infra/local/listen.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const config = {
  hostname: "mx.example.com",
  endpoints: { inbox: { sink: true } },
  routes: [{ name: "all", when: { recipient: "*@example.com" }, to: ["inbox"] }],
};

/** A folder with a config file in it, and the environment that names both. */
async function prepare(context: TestContext, content: string) {
  const folder = temporaryFolder(context);
  const file = join(folder, "config.json");
  writeFileSync(file, content);
  return { folder, file, env: { MAILCHUTE_DATA_DIR: join(folder, "data"), MAILCHUTE_CONFIG: file } };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

/** Takes a port until the test ends. */
async function takePort(context: TestContext): Promise<string> {
  const server = createServer();
  context.after(() => server.close());
  return String(await listen(server, "127.0.0.1", 0));
}

const good = JSON.stringify(config);
const typo = JSON.stringify({ ...config, routes: [{ ...config.routes[0], to: ["inbxo"] }] });

type Break = (prepared: Prepared, context: TestContext) => Promise<Record<string, string>>;
const unchanged: Break = async () => ({});

const rows: readonly [string, string, Break, RegExp][] = [
  [
    "a taken SMTP port",
    good,
    async (_, context) => ({ MAILCHUTE_SMTP_PORT: await takePort(context) }),
    /^mailchute: port \d+ for SMTP is taken: end the program that has it, or set MAILCHUTE_SMTP_PORT/,
  ],
  [
    "a taken HTTP port",
    good,
    async (_, context) => ({ MAILCHUTE_HTTP_PORT: await takePort(context) }),
    /^mailchute: port \d+ for HTTP is taken: end the program that has it, or set MAILCHUTE_HTTP_PORT/,
  ],
  [
    "a port that is none",
    good,
    async () => ({ MAILCHUTE_SMTP_PORT: "smtp" }),
    /MAILCHUTE_SMTP_PORT is "smtp" but must be/,
  ],
  [
    "a config file that is not there",
    good,
    async ({ folder }) => ({ MAILCHUTE_CONFIG: join(folder, "none.ts") }),
    /^mailchute: .*none\.ts: no such file; write one, or name another in MAILCHUTE_CONFIG\n$/,
  ],
  ["a config that is not JSON", "{", unchanged, /^mailchute: .*config\.json: not JSON: /],
  ["a config with a typo", typo, unchanged, /inbxo.*inbox/s],
  [
    "a data folder that is a file",
    good,
    async ({ file }) => ({ MAILCHUTE_DATA_DIR: file }),
    /^mailchute: the data folder .*config\.json cannot be used: /,
  ],
];

for (const [name, content, breakIt, expected] of rows) {
  test(`${name}: one sentence, and exit status 1`, async (context) => {
    const prepared = await prepare(context, content);
    const { code, stdout, stderr } = await runProgram({
      ...prepared.env,
      ...(await breakIt(prepared, context)),
    });
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, /\n\s+at /, "a stack is not for users");
    assert.equal(code, 1);
    assert.doesNotMatch(stdout, /^ready/m);
  });
}

test("the ready line names it all, a second program is refused, and Ctrl-C ends cleanly", async (context) => {
  const { env } = await prepare(context, good);
  const program = await startProgram(env);
  const { smtpPort, httpPort } = program;
  const ready = `ready smtp=127.0.0.1:${smtpPort} http=127.0.0.1:${httpPort} data=${env.MAILCHUTE_DATA_DIR} config=${env.MAILCHUTE_CONFIG}`;
  assert.deepEqual(program.lines, [ready]);
  for (const port of [smtpPort, httpPort]) {
    // Another address of this machine: whoever listens to every network answers there as well.
    const socket = connect(port, "127.0.0.2");
    await assert.rejects(once(socket, "connect"), { code: "ECONNREFUSED" }, "loopback alone, by default");
  }
  const second = await runProgram(env);
  assert.match(
    second.stderr,
    new RegExp(`^mailchute: the data folder .* is in use by process ${program.child.pid}: stop it`),
  );
  assert.equal(second.code, 1);
  assert.deepEqual(await program.kill("SIGINT"), { code: 0, signal: null });
  const again = await startProgram({ ...env, MAILCHUTE_SMTPS_PORT: "0", MAILCHUTE_LMTP_PORT: "0" });
  assert.match(again.lines[0] ?? "", / smtps=127\.0\.0\.1:\d+ lmtp=127\.0\.0\.1:\d+$/);
  assert.deepEqual(await again.kill("SIGTERM"), { code: 0, signal: null });
});
