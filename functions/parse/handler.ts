import { consume, type SqsHandler } from "../aws/consume.ts";
import { lambdaHandler } from "../aws/lambda.ts";
import { type HandlerDeps, sendMessages } from "../aws/stage.ts";
import { abandonedMetadata } from "../mail/envelope-block.ts";
import { PermanentError } from "../mail/errors.ts";
import { idOfRawKey } from "../mail/keys.ts";
import type { ParsedMessage, ReplayOrder } from "../mail/messages.ts";
import type { StoredObject } from "../mail/ports.ts";
import { parseNotification } from "./notification.ts";
import { parse } from "./parse.ts";

/** Stage parse: from the store's notification of a new raw message to a parsed one in the queue of validate. */
export function createParseHandler(deps: HandlerDeps): SqsHandler {
  const { store, queue, log, now } = deps;
  return consume(
    async (body) => {
      const { keys, replay } = parseNotification(body, store.bucket);
      for (const key of keys) await parseObject(key, replay, deps);
      return { kind: "done" };
    },
    { stage: "parse", queue: queue("parse"), deadLetters: queue("parse-dead"), log, now },
  );
}

export const handler = lambdaHandler(createParseHandler);

async function parseObject(key: string, replay: ReplayOrder | undefined, deps: HandlerDeps): Promise<void> {
  const startedMs = deps.now();
  const object = await deps.store.get(key);
  // The store is consistent: what its event speaks of and is not there was deleted since.
  if (object === null) throw new PermanentError(`${key}: no such object`);
  if (object.metadata[abandonedMetadata] !== undefined) return letGo(key, object, deps);
  const message = await parse(key, object, deps);
  await sendMessages("validate", [{ body: { ...message, replay } }], deps);
  deps.log({
    at: new Date(deps.now()).toISOString(),
    stage: "parse",
    id: message.id,
    outcome: message.isParsed ? "parsed" : "unparsed",
    durationMs: deps.now() - startedMs,
    detail: detailOf(message),
  });
}

/** A mark in place of a message whose sender was told 451. */
async function letGo(key: string, { body }: StoredObject, { log, now }: HandlerDeps): Promise<void> {
  await Array.fromAsync(body);
  const at = new Date(now()).toISOString();
  log({ at, stage: "parse", id: idOfRawKey(key), outcome: "abandoned", durationMs: 0, detail: {} });
}

/** Long enough for a line that people read. */
const shownMaxLength = 200;

function detailOf({ message, raw, attachments, warnings, bodyKey }: ParsedMessage) {
  return {
    subject: message.subject?.slice(0, shownMaxLength).toWellFormed() ?? null,
    from: message.from[0]?.address.slice(0, shownMaxLength).toWellFormed() ?? null,
    messageId: message.messageId?.slice(0, shownMaxLength).toWellFormed() ?? null,
    sizeBytes: raw.sizeBytes,
    attachments: attachments.length,
    attachmentBytes: attachments.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
    bodyTruncated: bodyKey !== null,
    warnings: warnings.length,
    warningCodes: [...new Set(warnings.map(({ code }) => code))].join(" "),
  };
}
