/** The inspector's pages. */
import { readFile } from "node:fs/promises";
import { page, problem, text } from "../../http/answer.ts";
import type { Route } from "../../http/server.ts";
import type { Inspector } from "../inspector.ts";
import { parseQuery } from "../search.ts";
import { type ListPage, listPage } from "./list-page.ts";
import { messageRoutes } from "./message-routes.ts";

const pageLength = 50;

export const pageRoutes = (inspector: Inspector): readonly Route[] => [
  { method: "GET", path: "/", handle: ({ url }) => page(listPage(readList(url.searchParams, inspector))) },
  ...messageRoutes(inspector),
  { method: "GET", path: "/assets/{name}", handle: ({ params }) => sendAsset(params["name"] ?? "") },
];

function readList(parameters: URLSearchParams, { index }: Inspector): ListPage {
  const text = parameters.get("q") ?? "";
  const given = Number(parameters.get("before"));
  const before = Number.isSafeInteger(given) && given > 0 ? given : null;
  const query = parseQuery(text);
  const isNewest = before === null;
  if (query.kind === "error") return { query: text, error: query.message, entries: [], isNewest, next: null };
  const found = index.list(query.terms, { before, sinceMs: null, max: pageLength + 1 });
  const entries = found.slice(0, pageLength);
  const next = found.length > entries.length ? (entries.at(-1)?.seq ?? null) : null;
  return { query: text, error: null, entries, isNewest, next };
}

const assets: Readonly<Record<string, string>> = {
  "colours.css": "text/css",
  "inspector.css": "text/css",
  "inspector.js": "text/javascript",
};

async function sendAsset(name: string) {
  const contentType = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (contentType === undefined) return problem(404, "not found");
  const content = await readFile(new URL(`../assets/${name}`, import.meta.url), "utf8");
  return text(200, content, contentType);
}
