/** Where all messages are, and how well queues and endpoints do. */
import * as z from "zod";
import type { StageEvent } from "../../../functions/mail/stage-event.ts";
import { deadLetterQueueName, pipeline } from "../../pipeline.ts";
import type { Inspector } from "./inspector.ts";

/** Every accepted message is in exactly one of these; what is under way must be in a queue. */
export const Totals = z.object({
  accepted: z.number(),
  delivered: z.number(),
  dropped: z.number(),
  quarantined: z.number(),
  dead: z.number(),
  underway: z.number(),
  refused: z.number(),
  /** Messages in queues, dead letters aside. */
  queued: z.number(),
  /** Dead letters in their queues. */
  deadLetters: z.number(),
});
export type Totals = z.infer<typeof Totals>;

export const QueueState = z.object({
  stage: z.string(),
  visible: z.number(),
  inFlight: z.number(),
  delayed: z.number(),
  oldestSeconds: z.number().nullable(),
  deadLetters: z.number(),
});
export type QueueState = z.infer<typeof QueueState>;

export const EndpointHealth = z.object({
  endpoint: z.string(),
  isSink: z.boolean(),
  behaviour: z.string().nullable(),
  /** Of the last attempts. */
  attempts: z.number(),
  failed: z.number(),
  averageMs: z.number().nullable(),
  lastAt: z.iso.datetime().nullable(),
  lastStatus: z.number().nullable(),
  lastReason: z.string().nullable(),
});
export type EndpointHealth = z.infer<typeof EndpointHealth>;

export async function readQueues({ queue, view, now }: Inspector): Promise<readonly QueueState[]> {
  return Promise.all(
    pipeline.map(async ({ stage }) => {
      const dead = await queue(deadLetterQueueName(stage)).depth();
      const oldestMs = view(stage).oldestSentAtMs();
      return {
        stage,
        ...(await queue(stage).depth()),
        oldestSeconds: oldestMs === null ? null : Math.max(0, Math.round((now() - oldestMs) / 1000)),
        deadLetters: dead.visible + dead.inFlight + dead.delayed,
      };
    }),
  );
}

export async function readTotals(inspector: Inspector): Promise<Totals> {
  const { refused, underway, retrying, ...settled } = inspector.index.counts();
  const queues = await readQueues(inspector);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    ...settled,
    underway: underway + retrying,
    accepted: sum(Object.values(settled)) + underway + retrying,
    refused,
    queued: sum(queues.map(({ visible, inFlight, delayed }) => visible + inFlight + delayed)),
    deadLetters: sum(queues.map(({ deadLetters }) => deadLetters)),
  };
}

const attemptsMax = 50;

export function readEndpoints({ config, index, sink }: Inspector): readonly EndpointHealth[] {
  return Object.entries(config.source().endpoints).map(([endpoint, definition]) => ({
    endpoint,
    isSink: "sink" in definition,
    behaviour: "sink" in definition ? sink.behaviour(endpoint) : null,
    ...judgeHealth(index.attempts(endpoint, attemptsMax)),
  }));
}

function judgeHealth(attempts: readonly StageEvent[]) {
  const [last] = attempts;
  const { status = null, reason = null } = last?.detail ?? {};
  const durationMs = attempts.reduce((total, attempt) => total + attempt.durationMs, 0);
  return {
    attempts: attempts.length,
    failed: attempts.filter(({ outcome }) => outcome !== "delivered").length,
    averageMs: attempts.length === 0 ? null : Math.round(durationMs / attempts.length),
    lastAt: last?.at ?? null,
    lastStatus: typeof status === "number" ? status : null,
    lastReason: typeof reason === "string" ? reason : null,
  };
}
