import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { readDockerfile } from "../deploy/dockerfile.ts";

const stages = readDockerfile();
const steps = stages.flat();
const final = stages.at(-1) ?? [];
const restOf = (instruction: string, among = final) =>
  among.filter((step) => step.instruction === instruction).map(({ rest }) => rest);

test("the image is made in stages, and the last has the bundle and nothing else of ours", () => {
  assert.equal(restOf("FROM", steps).length, 2);
  assert.deepEqual(restOf("COPY"), ["--from=bundle /bundle /app"]);
  assert.deepEqual(restOf("RUN"), []);
});

test("both stages are the Node that the project runs on", () => {
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const major = String(devDependencies.node).split(".")[0];
  for (const from of restOf("FROM", steps)) assert.match(from, new RegExp(`node:${major}-`));
});

test("it runs as no root, and starts the one file that the bundle is", () => {
  assert.deepEqual(restOf("USER"), ["node"]);
  const [command = ""] = restOf("CMD");
  assert.deepEqual(JSON.parse(command), ["node", "--enable-source-maps", "/app/index.mjs"]);
  const order = final.map(({ instruction }) => instruction);
  assert.ok(order.indexOf("USER") < order.indexOf("CMD"));
});

test("what is copied is there, and what makes the bundle takes what it is called with", () => {
  const first = steps.slice(0, steps.length - final.length);
  for (const copied of restOf("COPY", first)) {
    for (const path of copied.split(" ").slice(0, -1)) assert.ok(existsSync(path), path);
  }
  const script = restOf("RUN", first).find((run) => run.includes("bundle.ts")) ?? "";
  assert.match(
    readFileSync("infra/bundle.ts", "utf8"),
    /export function bundle\(entry: string, folder: string\)/,
  );
  const [, entry = ""] = /bundle\('([^']+)', '\/bundle'\)/.exec(script) ?? [];
  assert.equal(entry, "functions/smtp/main.ts");
});
