/** The API's operations on messages. */
import * as z from "zod";
import { type ReplaySelection, replay, replayParts } from "../../../../functions/deliver/replay.ts";
import { deadLetterQueueName, pipeline } from "../../../pipeline.ts";
import { NumberedEntry } from "../../inspector/index-tables.ts";
import type { Inspector } from "../../inspector/inspector.ts";
import { deleteMessage, readMessage } from "../../inspector/read-message.ts";
import { retryNow } from "../../inspector/replay.ts";
import { parseQuery, type Term } from "../../inspector/search.ts";
import { type Answer, json, problem } from "../answer.ts";
import { noBody, noQuery, type Operation, operation } from "../operation.ts";
import { downloadOperations } from "./downloads.ts";
import { MessageDetail, MessageList } from "./schemas.ts";

const pageMax = 500;

const Search = z.object({
  q: z.string().default("").describe("A query: words, and from: to: subject: id: is: has: route: dmarc: …"),
  since: z.iso.datetime({ offset: true }).optional().describe("Only what came then or later"),
});

const noMessage = () => problem(404, "there is no such message");

/** Runs what a query asks for, or says what is wrong with it. */
function search(q: string, run: (terms: readonly Term[]) => Promise<Answer> | Answer) {
  const query = parseQuery(q);
  return query.kind === "error" ? problem(400, query.message) : run(query.terms);
}

const sinceMsOf = ({ since }: { readonly since?: string | undefined }) =>
  since === undefined ? null : Date.parse(since);

export function messageOperations(inspector: Inspector): readonly Operation[] {
  return [
    ...reading(inspector),
    ...downloadOperations(inspector),
    ...waiting(inspector),
    ...acting(inspector),
    ...replaying(inspector),
  ];
}

function reading(inspector: Inspector): readonly Operation[] {
  const { index } = inspector;
  return [
    operation({
      method: "GET",
      path: "/api/v1/messages",
      summary: "Messages and refused transactions, newest first",
      query: Search.extend({
        before: z.coerce.number().int().optional().describe("`next` of the page before"),
        limit: z.coerce.number().int().min(1).max(pageMax).default(50),
      }),
      body: noBody,
      result: MessageList,
      handle: ({ query }) =>
        search(query.q, (terms) => {
          const page = { before: query.before ?? null, sinceMs: sinceMsOf(query), max: query.limit + 1 };
          const found = index.list(terms, page);
          const messages = found.slice(0, query.limit);
          return json({ messages, next: found.length > messages.length ? messages.at(-1)?.seq : null });
        }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/messages/{id}",
      summary:
        "All that is known of a message, or of a refused transaction by the number (`seq`) that it has",
      query: noQuery,
      body: noBody,
      result: MessageDetail,
      handle: async ({ params }) => {
        const detail = await readDetail(params["id"] ?? "", inspector);
        return detail === null ? noMessage() : json(detail);
      },
    }),
  ];
}

export async function readDetail(id: string, inspector: Inspector): Promise<MessageDetail | null> {
  const entry = inspector.index.find(id);
  if (entry === null) return null;
  const events = [...inspector.index.events(entry.seq)];
  const transcript = inspector.index.transcript(entry.seq);
  const message = entry.id === null ? null : await readMessage(entry.id, inspector);
  return { entry, events, transcript, message };
}

const waitDefaultSeconds = 10;
export const waitMaxSeconds = 60;

function waiting({ index }: Inspector): readonly Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/wait",
      summary: "Waits for a message that matches, and gives the newest",
      query: Search.extend({
        timeout: z.coerce
          .number()
          .min(0)
          .max(waitMaxSeconds)
          .default(waitDefaultSeconds)
          .describe("In seconds"),
      }),
      body: noBody,
      result: NumberedEntry,
      handle: async ({ query, signal }) =>
        search(query.q, async (terms) => {
          const page = { before: null, sinceMs: sinceMsOf(query), max: 1 };
          const find = () => index.list(terms, page)[0] ?? null;
          const found = await waitFor(find, index.subscribe, { timeoutMs: query.timeout * 1000, signal });
          return found === null ? problem(404, `nothing matched within ${query.timeout} s`) : json(found);
        }),
    }),
  ];
}

/** What `find` gives as soon as it gives something: now, or after a change; null when the time is up. */
async function waitFor<Found>(
  find: () => Found | null,
  subscribe: (listener: () => void) => () => void,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Found | null> {
  const { promise, resolve } = Promise.withResolvers<Found | null>();
  const end = subscribe(() => {
    // Asked in a turn of its own: what is told of a change must not cause the next one.
    setImmediate(() => {
      const found = find();
      if (found !== null) resolve(found);
    });
  });
  const timer = setTimeout(() => resolve(null), timeoutMs);
  signal.addEventListener("abort", () => resolve(null));
  const found = find();
  if (found !== null) resolve(found);
  return promise.finally(() => {
    end();
    clearTimeout(timer);
  });
}

function acting(inspector: Inspector): readonly Operation[] {
  return [
    operation({
      method: "DELETE",
      path: "/api/v1/messages",
      summary: "Deletes all messages that are settled, dead letters included; what is under way stays",
      query: noQuery,
      body: noBody,
      result: z.object({ deleted: z.number(), kept: z.number() }),
      handle: async () => json(await deleteSettled(inspector)),
    }),
    operation({
      method: "POST",
      path: "/api/v1/messages/{id}/retry",
      summary: "Makes the waiting attempts of a message now",
      query: noQuery,
      body: noBody,
      result: z.object({ hastened: z.number() }),
      handle: async ({ params }) => json({ hastened: await retryNow(params["id"] ?? "", inspector) }),
    }),
  ];
}

const Order = z.object({
  endpoint: z.string().optional().describe("Only its webhook"),
  route: z.string().optional().describe("Only what this route delivers"),
  reason: z.string().max(200).optional().describe("Stands in the webhook"),
});

const Replayed = z.object({ replayed: z.number() });

function replaying({ store, queue, now }: Inspector): readonly Operation[] {
  const run = async (selection: ReplaySelection, { reason, endpoint, route }: z.infer<typeof Order>) => {
    const order = {
      reason: reason ?? null,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(route === undefined ? {} : { route }),
    };
    return replay(selection, order, { store, queue: queue("parse"), now });
  };
  return [
    operation({
      method: "POST",
      path: "/api/v1/messages/{id}/replay",
      summary: "Sends a message through the stages once more, by the config in force",
      query: noQuery,
      body: Order,
      result: Replayed,
      handle: async ({ params, body }) => {
        const replayed = await run({ kind: "id", id: params["id"] ?? "" }, body);
        return replayed === 0 ? noMessage() : json({ replayed });
      },
    }),
    operation({
      method: "POST",
      path: "/api/v1/replay",
      summary: "Sends all messages of a time through the stages once more, by the config in force",
      query: noQuery,
      body: Order.extend({
        since: z.iso.datetime({ offset: true }).describe("Those that came then or later"),
        until: z.iso.datetime({ offset: true }).optional().describe("And not after; now when left out"),
        part: z
          .number()
          .int()
          .min(1)
          .max(replayParts)
          .optional()
          .describe(
            `One of ${replayParts} parts of them, so that long work can tell how far it is; all when left out`,
          ),
      }),
      result: Replayed,
      handle: async ({ body: { since, until, part, ...order } }) => {
        const toMs = until === undefined ? now() : Date.parse(until);
        const selection = { kind: "received", fromMs: Date.parse(since), toMs, part } as const;
        return json({ replayed: await run(selection, order) });
      },
    }),
  ];
}

const settled = ["delivered", "dropped", "quarantined", "dead", "refused"];
const deletedAtOnce = 200;

async function deleteSettled({ index, store, view, sink }: Inspector) {
  let [deleted, kept] = [0, 0];
  for (let before: number | null = null; ; ) {
    const entries = index.list([], { before, sinceMs: null, max: deletedAtOnce });
    const last = entries.at(-1);
    if (last === undefined) break;
    before = last.seq;
    const gone = entries.filter(({ state }) => settled.includes(state));
    await Promise.all(gone.map(({ id }) => (id === null ? undefined : deleteMessage(id, store))));
    index.remove(gone.map(({ seq }) => seq));
    deleted += gone.length;
    kept += entries.length - gone.length;
  }
  for (const { stage } of pipeline) view(deadLetterQueueName(stage)).purge();
  sink.clear();
  return { deleted, kept };
}
