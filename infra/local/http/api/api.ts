import type { Inspector } from "../../inspector/inspector.ts";
import { json } from "../answer.ts";
import { openApi } from "../openapi.ts";
import type { Operation } from "../operation.ts";
import type { Route } from "../server.ts";
import { composeOperations } from "./compose.ts";
import { eventsOperation } from "./events.ts";
import { explainOperations } from "./explain.ts";
import { messageOperations } from "./messages.ts";
import { systemOperations } from "./system.ts";

/** Everything under `/api/v1`. */
export const apiOperations = (inspector: Inspector): readonly Operation[] => [
  ...messageOperations(inspector),
  eventsOperation(inspector.index),
  ...explainOperations(inspector),
  ...composeOperations(inspector),
  ...systemOperations(inspector),
];

export function apiRoutes(inspector: Inspector): readonly Route[] {
  const operations = apiOperations(inspector);
  const document: Route = {
    method: "GET",
    path: "/api/v1/openapi.json",
    handle: () => json(openApi(operations)),
  };
  return [document, ...operations];
}
