/** What the documents name is there: files, sections, scripts. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read("package.json")));
const pages = globSync(["*.md", "docs/**/*.md"], { cwd: root });

const link = /\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]+))?\)|(?:src|srcset)="([^"]+)"/g;
const projectPath = /`((?:\.ci|docs|functions|infra|test|webhook)\/[^`\s<*]*)`/g;
const npmScript = /\bnpm run ([\w:]+)/g;

test("there are documents to look at", () => assert.ok(pages.length > 25, pages.join(" ")));

for (const page of pages) {
  test(`${page} names nothing that is not there`, () => assert.deepEqual(missing(page, read(page)), []));
}

test("a file, a section, a path and a script that are not there are found", () => {
  const text =
    '[a](none.md) [b](LICENSE) [c](#none) `infra/none.ts` `npm run none`\n# Here\n[d](#here) <img src="none.png">';
  assert.deepEqual(missing("README.md", text), [
    "none.md",
    "none.png",
    "#none",
    "infra/none.ts",
    "npm run none",
  ]);
});

function missing(page: string, text: string): string[] {
  const links = [...text.matchAll(link)].map(([, path = "", section, image]) => ({
    path: image ?? path,
    section,
  }));
  const targetOf = (path: string) => (path === "" ? page : join(dirname(page), path));
  return [
    ...links.filter(({ path }) => !existsSync(join(root, targetOf(path)))).map(({ path }) => path),
    ...links
      .filter(
        ({ path, section }) =>
          section !== undefined && !sectionsOf(path === "" ? text : read(targetOf(path))).has(section),
      )
      .map(({ path, section }) => `${path}#${section}`),
    ...[...text.matchAll(projectPath)]
      .map(([, path = ""]) => path)
      .filter((path) => !existsSync(join(root, path))),
    ...[...text.matchAll(npmScript)]
      .filter(([, name = ""]) => scripts[name] === undefined)
      .map(([whole]) => whole),
  ];
}

/** The headings as GitHub names them in addresses. */
function sectionsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
