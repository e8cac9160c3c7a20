import { setTimeout as pause } from "node:timers/promises";
import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { clientOptions } from "./clients.ts";
import { failed } from "./failed.ts";

const idleTimeoutMs = 30_000;

export interface LogQuery {
  readonly logGroups: readonly string[];
  readonly query: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export type LogRow = Readonly<Record<string, string>>;

/** Asks CloudWatch Logs Insights, and waits for the rows. */
export function createLogQuery(endpoint: string | undefined, pollMs = 2_000) {
  const client = new CloudWatchLogsClient(clientOptions(endpoint, idleTimeoutMs));
  const poll = async (queryId: string): Promise<readonly LogRow[]> => {
    const { status, results = [] } = await client.send(new GetQueryResultsCommand({ queryId }));
    if (status === "Complete") {
      return results.map((row) =>
        Object.fromEntries(row.map(({ field = "", value = "" }) => [field, value] as const)),
      );
    }
    if (status !== "Scheduled" && status !== "Running") throw new Error(`the query is ${status}`);
    await pause(pollMs);
    return poll(queryId);
  };
  return async ({ logGroups, query, fromMs, toMs }: LogQuery): Promise<readonly LogRow[]> => {
    const { queryId = "" } = await client
      .send(
        new StartQueryCommand({
          logGroupNames: [...logGroups],
          queryString: query,
          startTime: Math.floor(fromMs / 1000),
          endTime: Math.ceil(toMs / 1000),
        }),
      )
      .catch(failed("the logs cannot be asked"));
    return poll(queryId);
  };
}
