/** What changes, as it changes: server-sent events, a batch of messages each. */
import type { MessageIndex } from "../../inspector/message-index.ts";
import type { Answer } from "../answer.ts";
import { noBody, noQuery, type Operation, operation } from "../operation.ts";

/** A comment now and then, so that neither side takes a quiet stream for a dead one. */
const keepAliveMs = 15_000;

/** A reader that is this far behind is let go; it may come back. */
export const eventsBehindMax = 1_000;

export const eventsOperation = (index: MessageIndex): Operation =>
  operation({
    method: "GET",
    path: "/api/v1/events",
    summary: "Server-sent events: `message`, with the entry as in the list, whenever one is new or changes",
    query: noQuery,
    body: noBody,
    result: "text/event-stream",
    handle: ({ signal }): Answer => ({
      status: 200,
      headers: { "content-type": "text/event-stream; charset=utf-8" },
      body: stream(index, signal),
    }),
  });

async function* stream(index: Pick<MessageIndex, "subscribe">, signal: AbortSignal): AsyncGenerator<string> {
  let waiting: string[] = [];
  let wake = () => {};
  const end = index.subscribe((changed) => {
    for (const entry of changed) waiting.push(`event: message\ndata: ${JSON.stringify(entry)}\n\n`);
    wake();
  });
  const timer = setInterval(() => {
    waiting.push(": still here\n\n");
    wake();
  }, keepAliveMs);
  signal.addEventListener("abort", () => wake());
  try {
    yield "retry: 1000\n\n";
    while (!signal.aborted && waiting.length <= eventsBehindMax) {
      const text = waiting.join("");
      waiting = [];
      if (text !== "") yield text;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    end();
    clearInterval(timer);
  }
}
