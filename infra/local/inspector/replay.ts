/** What a person sets in motion again. */
import { checkOut } from "../../../functions/aws/claim-check.ts";
import { sendMessages } from "../../../functions/aws/stage.ts";
import type { RoutedMessage } from "../../../functions/mail/messages.ts";
import { route } from "../../../functions/route/route.ts";
import { deadLetterQueueName, type PipelineStage } from "../../pipeline.ts";
import type { Inspector } from "./inspector.ts";
import { asValidated, readMessage } from "./read-message.ts";

export interface ReplayOptions {
  /** Undefined: every endpoint that the routes name now. */
  readonly endpoint: string | undefined;
  readonly reason: string | null;
}

/** Sends a message's webhooks once more, by the routes in force; null where there is no such message. */
export async function replay(
  id: string,
  { endpoint, reason }: ReplayOptions,
  inspector: Inspector,
): Promise<readonly string[] | null> {
  const { store, queue, config, now, log } = inspector;
  const message = await readMessage(id, inspector);
  if (message === null) return null;
  const at = new Date(now()).toISOString();
  const deliveries = route(asValidated(message), config.current())
    .deliveries.filter((one) => endpoint === undefined || one.endpoint === endpoint)
    .map((one): RoutedMessage => ({ ...one, replay: { at, reason } }));
  const outgoing = deliveries.map((body) => ({ body, groupId: body.endpoint }));
  await sendMessages("deliver", outgoing, { store, queue });
  for (const { endpoint: name, recipients } of deliveries) {
    const addresses = [...new Set(recipients.map(({ address }) => address))];
    log({
      at,
      stage: "route",
      id,
      outcome: "routed",
      durationMs: 0,
      detail: {
        endpoint: name,
        route: recipients.map(({ route: named }) => named).join(", "),
        recipients: addresses.slice(0, 10).join(", "),
        recipientCount: addresses.length,
        isReplay: true,
      },
    });
  }
  return deliveries.map(({ endpoint: name }) => name);
}

/** What one look into a queue reads at most. */
export const queueLookMax = 1_000;

/** Makes a message's waiting attempts due now; gives how many there were. */
export async function retryNow(id: string, { view, store }: Inspector): Promise<number> {
  const waiting = view("deliver").list(`"id":"${id}"`, queueLookMax);
  const isOfMessage = await Promise.all(
    waiting.map(async ({ body }) => (await checkOut(body, store)).includes(`"id":"${id}"`)),
  );
  const ids = waiting.filter((_, n) => isOfMessage[n]).map(({ id: queued }) => queued);
  view("deliver").hasten(ids);
  return ids.length;
}

/** Puts dead letters back into their stage's queue: those given, or all; gives how many. */
export function redrive(
  stage: PipelineStage["stage"],
  ids: readonly number[] | undefined,
  { view }: Pick<Inspector, "view">,
): number {
  const deadLetters = view(deadLetterQueueName(stage));
  if (ids !== undefined) return deadLetters.move(stage, ids);
  let moved = 0;
  for (;;) {
    const some = deadLetters.list("", queueLookMax).map(({ id }) => id);
    const movedNow = deadLetters.move(stage, some);
    moved += movedNow;
    if (movedNow === 0) return moved;
  }
}
