/** What every page of the inspector says to the browser before it shows anything; test/browser shows that it holds. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { script, style } from "../../../infra/local/inspector/assets.ts";
import { mail, startApi } from "./api.ts";

let api: Awaited<ReturnType<typeof startApi>>;
let id: string;
before(async () => {
  api = await startApi();
  id = await api.runner.send({ ...mail, html: "<p>How?</p>" });
  await api.waitFor(`id:${id} is:delivered`);
});
after(() => api.runner.stop());

const directives = (policy: string | null) =>
  new Map((policy ?? "").split("; ").map((one) => [one.split(" ")[0], one.split(" ").slice(1).join(" ")]));

const ownStyle = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

const paths = [
  ["the list", () => "/"],
  ["a message", () => `/messages/${id}`],
  ["a message that is not there", () => "/messages/none"],
  ["compose", () => "/compose"],
  ["the sink", () => "/sink"],
  ["the status", () => "/status"],
  ["a script", () => script.path],
  ["an answer of the API", () => "/api/v1/messages"],
  ["a refusal", () => "/nothing"],
] as const;
for (const [name, path] of paths) {
  test(`${name} runs no script but the program's own, and stands in nobody's frame`, async () => {
    const { headers } = await fetch(`${api.runner.origin}${path()}`);
    const policy = directives(headers.get("content-security-policy"));
    const asked = ["default-src", "script-src", "style-src", "connect-src", "frame-ancestors", "base-uri"];
    assert.deepEqual(
      asked.map((name) => policy.get(name)),
      ["'none'", "'self'", ownStyle, "'self'", "'none'", "'none'"],
    );
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
  });
}

const remote = [
  ["unasked, nothing comes from elsewhere", "", "data:"],
  ["asked, images may", "?remote=yes", "data: https: http:"],
] as const;
for (const [sentence, query, images] of remote) {
  test(`a mail's HTML stands in a sandbox without scripts; ${sentence}`, async () => {
    const { headers } = await fetch(`${api.runner.origin}/messages/${id}/html${query}`);
    const policy = directives(headers.get("content-security-policy"));
    assert.deepEqual(
      ["sandbox", "default-src", "img-src", "form-action"].map((name) => policy.get(name)),
      ["", "'none'", images, "'none'"],
    );
    assert.equal(policy.has("script-src"), false, "default-src holds for scripts");
  });
}

test("a page brings its style, the script is asked for once, and nothing else is an asset", async () => {
  const ask = (path: string) => fetch(`${api.runner.origin}${path}`);
  const page = await (await ask("/")).text();
  assert.ok(page.includes(`<style>${style}</style>`));
  assert.ok(page.includes(`"${script.path}"`));
  const response = await ask(script.path);
  assert.match(response.headers.get("cache-control") ?? "", /immutable/);
  assert.equal(await response.text(), script.content);
  for (const name of ["..%2Fpages%2Fpages.ts", "constructor", "inspector.js"])
    assert.equal((await ask(`/assets/${name}`)).status, 404, name);
});
