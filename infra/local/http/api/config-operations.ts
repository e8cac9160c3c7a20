/** The API's operations that change the config and its secrets, of one machine and of a stack alike. */
import * as z from "zod";
import type { Config } from "../../../../functions/mail/config.ts";
import { json, problem } from "../answer.ts";
import { noBody, noQuery, type Operation, operation } from "../operation.ts";
import { readConfig } from "./explain.ts";

/** Where a config comes into force. Each does what it is asked, or gives the sentence that says why not. */
export interface ConfigPlace {
  readonly summary: string;
  put(config: Config): Promise<string | null> | string | null;
  rotateSecret(endpoint: string): Promise<string | null> | string | null;
}

export const configOperations = ({ summary, put, rotateSecret }: ConfigPlace): readonly Operation[] => [
  operation({
    method: "PUT",
    path: "/api/v1/config",
    summary,
    query: noQuery,
    body: z.object({ config: z.unknown() }),
    result: z.object({ config: z.unknown() }),
    handle: async ({ body }) => {
      const read = readConfig(body.config);
      if ("problems" in read) return problem(400, read.problems.join("\n"));
      const refusal = await put(read.config);
      return refusal === null ? json(read) : problem(409, refusal);
    },
  }),
  operation({
    method: "POST",
    path: "/api/v1/secrets/{endpoint}/rotate",
    summary: "Makes a new signing secret for an endpoint; until the next time both sign",
    query: noQuery,
    body: noBody,
    result: z.object({ endpoint: z.string() }),
    handle: async ({ params }) => {
      const endpoint = params["endpoint"] ?? "";
      const refusal = await rotateSecret(endpoint);
      return refusal === null ? json({ endpoint }) : problem(404, refusal);
    },
  }),
];
