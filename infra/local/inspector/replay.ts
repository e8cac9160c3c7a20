/** What a person sets in motion again. */
import { deadLetterQueueName, type PipelineStage } from "../../pipeline.ts";
import type { Inspector } from "./inspector.ts";

/** What one look into a queue reads at most. */
export const queueLookMax = 1_000;

/** Makes a message's waiting attempts due now; gives how many there were. */
export function retryNow(id: string, { view }: Pick<Inspector, "view">): number {
  const waiting = view("deliver").list(`"id":"${id}"`, queueLookMax);
  view("deliver").hasten(waiting.map(({ id: queued }) => queued));
  return waiting.length;
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
