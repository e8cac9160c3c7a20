/** The whole pipeline on one machine and on a clock of its own, which passes when nobody has anything to do. */

import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import type { PostRequest, SendToBus } from "../../functions/mail/ports.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { createParseHandler } from "../../functions/parse/handler.ts";
import { createRouteHandler } from "../../functions/route/handler.ts";
import { createValidateHandler } from "../../functions/validate/handler.ts";
import { openEmbedded } from "../../infra/local/embedded.ts";
import { startPump } from "../../infra/local/pump.ts";
import { queueDeclarations } from "../../infra/local/start.ts";
import { pipeline } from "../../infra/pipeline.ts";
import type { createFlaky } from "../support/flaky.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { createZone } from "../validate/zone.ts";
import { answerOf, ownQueue, routing } from "./endings.ts";

const pollersEach = 2;

export const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

/** What endpoints have taken: payloads by endpoint and `webhook-id`. */
export type Taken = Map<string, Map<string, string>>;

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(flaky: ReturnType<typeof createFlaky>) {
  let nowMs = Date.UTC(2026, 0, 1);
  const now = () => nowMs;
  const events: StageEvent[] = [];
  const log = (event: StageEvent) => void events.push(event);
  const { path: folder, remove } = createTemporaryFolder();
  const polls = createPolls(pollersEach * pipeline.length);
  const embedded = await openEmbedded({
    folder,
    queues: [...queueDeclarations, { name: ownQueue }],
    notifications: [{ prefix: "raw/", queue: "parse" }],
    now,
    after: polls.after,
  });
  const store = flaky.store(embedded.store);
  const queue = (name: string) => flaky.queue(embedded.queue(name));
  const endpoints = createEndpoints();
  const deps = { store, queue, log, now, config: async () => routing };
  const handlers = {
    parse: createParseHandler(deps),
    validate: createValidateHandler({ ...deps, resolve: flaky.resolve(zone) }),
    route: createRouteHandler(deps),
    deliver: createDeliverHandler({
      ...deps,
      urls: { sign: async (key) => `https://store.test/${key}` },
      secrets: async () => [secret],
      post: flaky.post(endpoints.post),
      sendToBus: flaky.sendToBus(endpoints.sendToBus),
      random: Math.random,
    }),
  };
  return {
    ...{ embedded, store, events, log, now, taken: endpoints.taken },
    /** Runs all stages until every queue is empty; tells each time that nothing is left to do before time passes. */
    run: async (onIdle: () => Promise<void>) => {
      const pumps = pipeline.map((stage) =>
        startPump(stage, handlers[stage.stage], {
          queue: queue(stage.stage),
          pollers: pollersEach,
          onError: () => undefined,
          pauseAfterErrorMs: 0,
        }),
      );
      try {
        for (;;) {
          await polls.untilIdle();
          await onIdle();
          const due = pipeline.flatMap(({ stage }) => embedded.view(stage).list("", queuedMax));
          if (due.length === 0) break;
          nowMs = Math.max(nowMs, Math.min(...due.map(({ visibleAtMs }) => visibleAtMs))) + leapMs;
          polls.wakeAll();
        }
      } finally {
        await Promise.all(pumps.map(({ stop }) => stop()));
      }
    },
    close: async () => {
      await embedded.close();
      remove();
    },
  };
}

const queuedMax = 100_000;

/** Past the first that is due, so that those due soon after it go along. */
const leapMs = 5 * 60_000;

const zone = createZone({
  "example.org TXT": [["v=spf1 ip4:127.0.0.1 -all"]],
  "_dmarc.example.org TXT": [["v=DMARC1; p=reject"]],
});

/** The long polls under way: once all pollers wait, nothing happens until time passes. */
function createPolls(pollers: number) {
  const waiting = new Set<() => void>();
  let idle = Promise.withResolvers<void>();
  return {
    after: (_delayMs: number, run: () => void) => {
      waiting.add(run);
      if (waiting.size === pollers) idle.resolve();
      return () => waiting.delete(run);
    },
    untilIdle: async () => {
      while (waiting.size < pollers) {
        idle = Promise.withResolvers();
        await idle.promise;
      }
    },
    wakeAll: () => {
      for (const run of [...waiting]) run();
    },
  };
}

/** Webhooks and a bus that keep what they took. */
function createEndpoints() {
  const taken: Taken = new Map();
  const asked = new Map<string, number>();
  const take = (endpoint: string, webhookId: string, payload: string) =>
    taken.set(endpoint, (taken.get(endpoint) ?? new Map()).set(webhookId, payload));
  return {
    taken,
    post: async ({ url, headers, body }: PostRequest) => {
      const endpoint = new URL(url).hostname.replace(".test", "");
      const webhookId = headers["webhook-id"] ?? "";
      const count = (asked.get(webhookId) ?? 0) + 1;
      asked.set(webhookId, count);
      const answer = answerOf(endpoint, count);
      if (answer.kind === "answer" && answer.status < 300) take(endpoint, webhookId, String(body));
      return answer;
    },
    sendToBus: (async (_arn, { detail }) =>
      void take("bus", JSON.parse(detail).webhookId, detail)) satisfies SendToBus,
  };
}
