import type { Inspector } from "../inspector/inspector.ts";
import { pageRoutes } from "../inspector/pages/pages.ts";
import { text } from "./answer.ts";
import { apiRoutes } from "./api/api.ts";
import { createObjectRoute } from "./objects.ts";
import type { Route } from "./server.ts";
import { createSinkRoute } from "./sink.ts";

/** All that the HTTP port of `npm start` answers to. */
export const localRoutes = (inspector: Inspector): readonly Route[] => [
  { method: "GET", path: "/healthz", handle: () => text(200, "ok") },
  createSinkRoute(inspector.sink),
  createObjectRoute(inspector),
  ...apiRoutes(inspector),
  ...pageRoutes(inspector),
];
