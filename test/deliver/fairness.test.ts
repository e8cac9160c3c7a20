import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import type { PostRequest, PostResult } from "../../functions/mail/ports.ts";
import { openEmbedded } from "../../infra/local/embedded.ts";
import { startPump } from "../../infra/local/pump.ts";
import { pollers, queueDeclarations } from "../../infra/local/start.ts";
import { pipeline } from "../../infra/pipeline.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { routedMessage } from "./routed.ts";
import { answer, setUp } from "./set-up.ts";

const endpoints = Array.from({ length: 10 }, (_, index) => `app-${index}`);
const [dead = "", ...healthy] = endpoints;

/** What a test waits for, told of each POST. */
class Counts {
  readonly byEndpoint = new Map<string, number>();
  #changed = Promise.withResolvers<void>();

  add(endpoint: string): void {
    this.byEndpoint.set(endpoint, (this.byEndpoint.get(endpoint) ?? 0) + 1);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  of(names: readonly string[]): number[] {
    return names.map((name) => this.byEndpoint.get(name) ?? 0);
  }

  async until(names: readonly string[], count: number): Promise<void> {
    while (this.of(names).some((one) => one < count)) await this.#changed.promise;
  }
}

const endpointOf = ({ url }: PostRequest) => new URL(url).hostname.replace(".test", "");

type Hanging = PromiseWithResolvers<PostResult>;

/** The deliver stage of `npm start`; `post` is what endpoints do with a webhook. */
async function startDeliveries(
  context: TestContext,
  post: (endpoint: string, hanging: Hanging) => Promise<PostResult>,
) {
  const hanging: Hanging = Promise.withResolvers();
  const { path: folder, remove } = createTemporaryFolder();
  const embedded = await openEmbedded({
    folder,
    queues: queueDeclarations,
    notifications: [],
    now: Date.now,
  });
  const deliver = pipeline.find(({ stage }) => stage === "deliver");
  assert.ok(deliver !== undefined);
  const config = Object.fromEntries(endpoints.map((name) => [name, { url: `https://${name}.test/` }]));
  const { deps } = setUp({ config });
  const handler = createDeliverHandler({
    ...deps,
    queue: embedded.queue,
    post: async (request) => post(endpointOf(request), hanging),
  });
  const queue = embedded.queue("deliver");
  const pump = startPump(deliver, handler, {
    queue,
    pollers: pollers.deliver,
    onError: (error) => assert.fail(String(error)),
  });
  context.after(async () => {
    hanging.resolve(answer(204));
    await pump.stop();
    await embedded.close();
    remove();
  });
  const send = async (names: readonly string[], count: number) => {
    const bodies = Array.from({ length: count }, () =>
      names.map((endpoint) => routedMessage({ endpoint })),
    ).flat();
    await queue.send(bodies.map((body) => ({ body: JSON.stringify(body), groupId: body.endpoint })));
  };
  return { send, queue, hanging };
}

test("one endpoint of ten that never answers, with all its mail waiting, slows none of the other nine", async (context) => {
  const [asked, delivered] = [new Counts(), new Counts()];
  const { send } = await startDeliveries(context, async (endpoint, { promise }) => {
    asked.add(endpoint);
    if (endpoint === dead) return promise;
    delivered.add(endpoint);
    return answer(204);
  });
  await send([dead], 100);
  await asked.until([dead], pollers.deliver / 4);
  for (const round of [1, 2, 3]) {
    await send(endpoints, 20);
    await delivered.until(healthy, 20 * round);
  }
  assert.deepEqual(
    delivered.of(healthy),
    healthy.map(() => 60),
  );
  assert.deepEqual(asked.of([dead]), [pollers.deliver / 4], "its share of the consumers, and no more");
  context.diagnostic(
    `60 of 60 for each of ${healthy.length}, while ${asked.of([dead])} POSTs to the tenth hang`,
  );
});

test("one endpoint of ten that refuses costs the other nine no attempt, and keeps all its own mail", async (context) => {
  const [asked, delivered] = [new Counts(), new Counts()];
  const { send, queue } = await startDeliveries(context, async (endpoint) => {
    asked.add(endpoint);
    if (endpoint === dead) return { kind: "error", code: "unreachable", detail: "nobody listens" };
    delivered.add(endpoint);
    return answer(204);
  });
  await send(endpoints, 30);
  await delivered.until(healthy, 30);
  await asked.until([dead], 30);
  assert.deepEqual(delivered.of(healthy), asked.of(healthy));
  const { visible, inFlight, delayed } = await queue.depth();
  assert.ok(visible + inFlight + delayed >= 30, "each of them waits for its next attempt");
});

test("once it answers, what waited goes through", async (context) => {
  const asked = new Counts();
  const { send, hanging } = await startDeliveries(context, async (endpoint, { promise }) => {
    asked.add(endpoint);
    return endpoint === dead ? promise : answer(204);
  });
  await send([dead], 40);
  await asked.until([dead], pollers.deliver / 4);
  hanging.resolve(answer(204));
  await asked.until([dead], 40);
  assert.deepEqual(asked.of([dead]), [40]);
});
