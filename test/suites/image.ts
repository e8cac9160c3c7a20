/**
 * What the Dockerfile says, done without Docker: its first stage in an empty folder, of what CDK sends, and then its command on
 * what that made. `node --test test/suites/image.ts`, with MAILCHUTE_IMAGE_CONTEXT the asset's folder in cdk.out. It installs the
 * project's packages, which takes half a minute.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import * as z from "zod";
import { bundle } from "../../infra/bundle.ts";
import { readDockerfile } from "../deploy/dockerfile.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";

const { path: folder, remove } = createTemporaryFolder();
after(remove);
const context = z.string().parse(process.env["MAILCHUTE_IMAGE_CONTEXT"]);
const image = join(folder, "image");
const project = join(folder, "project");
mkdirSync(project);

const [first = [], last = []] = readDockerfile();
/** The folders that the image knows by absolute names. */
const within = (text: string) => text.replaceAll(/(?<=['" ]|^)\/(?=bundle|app)/g, `${image}/`);
const environment = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };

test("the first stage makes the bundle of what is copied, and of nothing else", () => {
  for (const { instruction, rest } of first) {
    if (instruction === "COPY") copy(rest);
    if (instruction === "RUN") run(rest);
  }
  bundle("functions/smtp/main.ts", join(folder, "here"));
  const [there, here] = [join(image, "bundle"), join(folder, "here")].map((path) =>
    readFileSync(join(path, "index.mjs")),
  );
  assert.ok(there !== undefined && here !== undefined && there.equals(here));
});

test("the image's command starts it, and it says what it is not told", () => {
  for (const { instruction, rest } of last) {
    const [, from = "", to = ""] = /^--from=bundle (\S+) (\S+)$/.exec(rest) ?? [];
    if (instruction === "COPY") cpSync(within(from), within(to), { recursive: true });
  }
  const command: string[] = JSON.parse(
    within(last.find(({ instruction }) => instruction === "CMD")?.rest ?? "[]"),
  );
  const [program = "", ...args] = command;
  const { status, stderr } = spawnSync(program, args, {
    cwd: folder,
    env: { PATH: environment.PATH },
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stderr, /MAILCHUTE_BUCKET is not set/);
});

function copy(rest: string): void {
  const paths = rest.split(" ");
  const to = paths.pop() ?? "";
  for (const path of paths)
    cpSync(join(context, path), join(project, to === "./" ? path : to), { recursive: true });
}

/** In the form of a shell, or of a list. */
function run(rest: string): void {
  const command: string[] = rest.startsWith("[") ? JSON.parse(rest) : ["sh", "-c", rest];
  const [program = "", ...args] = command.map(within);
  execFileSync(program, args, { cwd: project, env: environment, stdio: ["ignore", "ignore", "inherit"] });
}
