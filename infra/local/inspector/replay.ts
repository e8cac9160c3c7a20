/** What a person sets in motion again. */
import { checkOut } from "../../../functions/aws/claim-check.ts";
import { deadLetterQueueName, type PipelineStage } from "../../pipeline.ts";
import type { Inspector } from "./inspector.ts";

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
