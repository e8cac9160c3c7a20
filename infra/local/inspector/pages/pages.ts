/** The inspector's pages. */
import type { Config } from "../../../../functions/mail/config.ts";
import { page, text } from "../../http/answer.ts";
import type { Route } from "../../http/server.ts";
import { script } from "../assets.ts";
import type { Inspector } from "../inspector.ts";
import { parseQuery } from "../search.ts";
import { readEndpoints, readQueues, readTotals } from "../status.ts";
import { composePage } from "./compose-page.ts";
import { type ListPage, listPage } from "./list-page.ts";
import { messageRoutes } from "./message-routes.ts";
import { sinkPage } from "./sink-page.ts";
import { statusPage } from "./status-page.ts";

const pageLength = 50;

export const pageRoutes = (inspector: Inspector): readonly Route[] => [
  { method: "GET", path: "/", handle: ({ url }) => page(listPage(readList(url.searchParams, inspector))) },
  ...messageRoutes(inspector),
  {
    method: "GET",
    path: "/compose",
    handle: () => page(composePage(likelyRecipient(inspector.config.source()))),
  },
  {
    method: "GET",
    path: "/sink",
    handle: () => page(sinkPage(readEndpoints(inspector), inspector.sink.deliveries())),
  },
  {
    method: "GET",
    path: "/status",
    handle: async () =>
      page(
        statusPage({
          totals: await readTotals(inspector),
          queues: await readQueues(inspector),
          endpoints: readEndpoints(inspector),
          minutes: inspector.meter.minutes(),
          faults: inspector.chaos.faults(),
        }),
      ),
  },
  scriptRoute(),
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

/** An address that a route takes, to begin with: wildcards and captures filled in. */
function likelyRecipient({ routes, hostname }: Config): string {
  const patterns = routes.flatMap((route) => ("to" in route ? (route.when?.recipient ?? []) : []));
  const pattern = patterns.find((one) => one.startsWith("*@")) ?? patterns[0] ?? `postmaster@${hostname}`;
  return pattern.replace(/^\*@/, "hello@").replace(/\*|\{\w+\}/g, "1");
}

/** Another content has another path, so that what is kept is never wrong. */
function scriptRoute(): Route {
  const answer = text(200, script.content, "text/javascript");
  const headers = { ...answer.headers, "cache-control": "public, max-age=31536000, immutable" };
  return { method: "GET", path: script.path, handle: () => ({ ...answer, headers }) };
}
