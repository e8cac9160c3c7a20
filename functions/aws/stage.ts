import type * as z from "zod";
import { PermanentError } from "../mail/errors.ts";
import type { Clock, Log, ObjectStore, OutgoingMessage, Queue } from "../mail/ports.ts";
import type { StageName } from "../mail/stage-event.ts";
import { checkIn, checkOut } from "./claim-check.ts";
import { consume, type Delivery, type Handled, type SqsHandler } from "./consume.ts";

/** What every handler needs; each stage adds its own. */
export interface HandlerDeps {
  readonly store: ObjectStore;
  /** The queue of that name: a stage's, or its dead-letter queue `<stage>-dead`. */
  readonly queue: (name: string) => Queue;
  readonly log: Log;
  readonly now: Clock;
}

/** A handler for one stage's queue whose bodies are JSON of `schema`, claim checks resolved. */
export function createStageHandler<Message>(
  { stage, schema }: { stage: StageName; schema: z.ZodType<Message> },
  handle: (message: Message, delivery: Delivery) => Promise<Handled>,
  { store, queue, log, now }: HandlerDeps,
): SqsHandler {
  return consume(async (body, delivery) => handle(readBody(await checkOut(body, store), schema), delivery), {
    stage,
    queue: queue(stage),
    deadLetters: queue(`${stage}-dead`),
    log,
    now,
  });
}

/** Sends messages as JSON to a queue, large ones as claim checks. */
export async function sendMessages(
  name: string,
  messages: readonly (Omit<OutgoingMessage, "body"> & { readonly body: object })[],
  { store, queue }: Pick<HandlerDeps, "store" | "queue">,
): Promise<void> {
  const outgoing = await Promise.all(
    messages.map(async (message) => ({
      ...message,
      body: await checkIn(toQueueBody(message.body), store),
    })),
  );
  await queue(name).send(outgoing);
}

/**
 * SQS takes no U+FFFE and no U+FFFF, which JSON leaves as they are: escaped, a subject that has them gets through. (All
 * else that SQS refuses, JSON escapes itself.)
 */
const toQueueBody = (body: object) =>
  JSON.stringify(body).replace(
    /[\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );

function readBody<Message>(body: string, schema: z.ZodType<Message>): Message {
  const parsed = schema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PermanentError(`queue body: ${issue?.path.join(".")}: ${issue?.message}`);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new PermanentError("queue body: not JSON", { cause });
  }
}
