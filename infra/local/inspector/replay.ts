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

/** Puts dead letters back into their stage's queue: those given, or the oldest that were there by then; gives how many. */
export function redrive(
  stage: PipelineStage["stage"],
  { numbers, max = Number.POSITIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY }: Redrive,
  { view }: Pick<Inspector, "view">,
): number {
  const deadLetters = view(deadLetterQueueName(stage));
  if (numbers !== undefined) return deadLetters.move(stage, numbers);
  let moved = 0;
  while (moved < max) {
    const some = deadLetters.list("", Math.min(queueLookMax, max - moved));
    const movedNow = deadLetters.move(
      stage,
      some.flatMap(({ id, sentAtMs }) => (sentAtMs <= untilMs ? id : [])),
    );
    if (movedNow === 0) break;
    moved += movedNow;
  }
  return moved;
}

export interface Redrive {
  readonly numbers?: readonly number[] | undefined;
  readonly max?: number | undefined;
  readonly untilMs?: number | undefined;
}
