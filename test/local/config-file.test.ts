import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigError } from "../../functions/mail/config.ts";
import { openConfigFile, watchByStat } from "../../infra/local/config-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const json = (hostname: string) =>
  JSON.stringify({
    $schema: "docs/config.schema.json",
    hostname,
    endpoints: { inbox: { sink: true } },
    routes: [{ name: "rest", when: { recipient: "*@example.com" }, to: "inbox" }],
  });
const script = (hostname: string) => `export const config = ${json(hostname)};\n`;

async function write(context: TestContext, name: string, text: string): Promise<string> {
  const path = join(temporaryFolder(context), name);
  await writeFile(path, text);
  return path;
}

/** As an editor does, so that nobody reads half a file. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** What is told about a file, in order, and a way to wait for it. */
function createObserver() {
  const told: string[] = [];
  let wake = () => {};
  const tell = (text: string) => {
    told.push(text);
    wake();
  };
  return {
    told,
    deps: {
      onConfig: ({ hostname }: { readonly hostname: string }) => tell(hostname),
      onRefused: ({ message }: ConfigError) => tell(`refused ${message}`),
    },
    until: async (count: number) => {
      while (told.length < count) await new Promise<void>((settle) => (wake = settle));
    },
  };
}

const unwatched = () => () => undefined;

const good = [
  [
    "TypeScript",
    "a.ts",
    `const name: string = "mx.a.test";\n${script("mx.a.test").replace('"mx.a.test"', "name")}`,
  ],
  ["a TypeScript module", "a.mts", script("mx.a.test")],
  ["JavaScript", "a.mjs", script("mx.a.test")],
  ["JSON with $schema", "a.json", json("mx.a.test")],
  ["JSON behind a byte order mark", "a.json", `\uFEFF${json("mx.a.test")}`],
  ["a name with a space and a percent sign", "a %20#?.ts", script("mx.a.test")],
] as const;

for (const [sentence, name, text] of good) {
  test(`it reads ${sentence}`, async (context) => {
    const { told, deps } = createObserver();
    const file = await openConfigFile(await write(context, name, text), { ...deps, watch: unwatched });
    file.close();
    assert.deepEqual(told, ["mx.a.test"]);
  });
}

test("the config that comes with the program stands", async () => {
  const { told, deps } = createObserver();
  await openConfigFile("mailchute.config.ts", { ...deps, watch: unwatched });
  assert.deepEqual(told, ["mx.example.com"]);
});

/** Each file, and all that is said of it behind its path. */
const bad = [
  ["a.ts", "export const config = {\n  a: 1,,\n};", /^:2: Unexpected token/],
  ["a.mjs", "export const config = {\n  a: b c,\n};", /^:2: Unexpected identifier 'c'$/],
  ["a.ts", "enum A { B }", /^:1: TypeScript enum is not supported/],
  ["a.ts", "\nexport const config = nothing;", /^:2: nothing is not defined$/],
  ["a.ts", 'import "./missing.ts";', /^: Cannot find module/],
  ["a.ts", 'throw "enough";', /^: enough$/],
  [
    "a.ts",
    "export const conf = 1, other = 2;",
    /^: no export named config; write export const config = defineConfig\({ … }\)$/,
  ],
  ["a.ts", "", /^: no export named config; write export const config/],
  ["a.json", '{\n "hostname": "a.b"\n', /^: not JSON: .*\(line 3 column 1\)$/],
  ["a.json", json("no domain"), /^: hostname is "no domain": write the domain name/],
  ["a.yaml", "hostname: a", /^: no config has the extension "\.yaml"; write \.ts, \.js or \.json$/],
] as const;

for (const [name, text, expected] of bad) {
  test(`it refuses ${name} of ${JSON.stringify(text.slice(0, 40))} in one sentence`, async (context) => {
    const path = await write(context, name, text);
    const { told, deps } = createObserver();
    let isClosed = false;
    const watch = () => () => {
      isClosed = true;
    };
    const error = await openConfigFile(path, { ...deps, watch }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof ConfigError);
    assert.equal(error.problems.length, 1);
    assert.equal(error.message.slice(0, path.length), path);
    assert.match(error.message.slice(path.length), expected);
    assert.deepEqual(told, []);
    assert.ok(isClosed);
  });
}

test("a file that is not there is named", async (context) => {
  const path = join(temporaryFolder(context), "missing.ts");
  const { deps } = createObserver();
  await assert.rejects(openConfigFile(path, { ...deps, watch: unwatched }), {
    name: "ConfigError",
    message: `${path}: no such file; write one, or name another in MAILCHUTE_CONFIG`,
  });
});

test("every problem of a file has its path before it", async (context) => {
  const path = await write(context, "a.json", "{}");
  const { deps } = createObserver();
  const error = await openConfigFile(path, { ...deps, watch: unwatched }).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ConfigError);
  assert.deepEqual(
    error.problems.map((problem) => problem.slice(path.length).split(" ", 3).join(" ")),
    [": hostname is", ": endpoints is", ": routes is"],
  );
});

test("each good version comes into force, each bad one is refused once, and the same again is nothing new", async (context) => {
  const path = await write(context, "a.ts", script("mx.a.test"));
  const { told, deps, until } = createObserver();
  let change = () => {};
  const watch = (_: string, onChange: () => void) => {
    change = onChange;
    return () => undefined;
  };
  await openConfigFile(path, { ...deps, watch });
  const rewrite = async (text: string, count: number) => {
    await replace(path, text);
    change();
    change();
    await until(count);
  };
  await rewrite(script("mx.b.test"), 2);
  await rewrite("export const config = {", 3);
  await rewrite(script("mx c"), 4);
  await rewrite(script("mx.b.test"), 5);
  await rm(path);
  change();
  await until(6);
  await rewrite(script("mx.a.test"), 7);
  assert.deepEqual(
    told.map((text) => text.replace(path, basename(path)).split(" ", 4).join(" ")),
    [
      "mx.a.test",
      "mx.b.test",
      "refused a.ts:1: Unexpected token",
      "refused a.ts: hostname is",
      "mx.b.test",
      "refused a.ts: no such",
      "mx.a.test",
    ],
  );
});

test("a version that is written over while it is read does not come into force", async (context) => {
  const overwrite = `import { writeFileSync } from "node:fs";
    writeFileSync(import.meta.filename, ${JSON.stringify(script("mx.b.test"))});\n`;
  const { told, deps } = createObserver();
  await openConfigFile(await write(context, "a.ts", overwrite + script("mx.a.test")), {
    ...deps,
    watch: unwatched,
  });
  assert.deepEqual(told, ["mx.b.test"]);
});

test("a change while the first version comes into force is seen after it", async (context) => {
  const path = await write(context, "a.json", json("mx.a.test"));
  const { told, deps, until } = createObserver();
  let change = () => {};
  const onConfig = (config: { readonly hostname: string }) => {
    deps.onConfig(config);
    if (told.length > 1) return;
    writeFileSync(path, json("mx.b.test"));
    change();
  };
  const watch = (_: string, onChange: () => void) => {
    change = onChange;
    return () => undefined;
  };
  await openConfigFile(path, { ...deps, onConfig, watch });
  await until(2);
  assert.deepEqual(told, ["mx.a.test", "mx.b.test"]);
});

test("the file itself is watched, also when an editor puts another in its place, until it is closed", async (context) => {
  const path = await write(context, "a.json", json("mx.a.test"));
  const { told, deps, until } = createObserver();
  const file = await openConfigFile(path, { ...deps, watch: watchByStat(20) });
  await writeFile(path, json("mx.b.test"));
  await until(2);
  await replace(path, json("mx.c.test"));
  await until(3);
  file.close();
  assert.deepEqual(told, ["mx.a.test", "mx.b.test", "mx.c.test"]);
});
