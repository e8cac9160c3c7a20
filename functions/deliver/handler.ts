import type { Handled, SqsHandler } from "../aws/consume.ts";
import { lambdaHandler } from "../aws/lambda.ts";
import { createStageHandler, type HandlerDeps, sendMessages } from "../aws/stage.ts";
import { describeError } from "../mail/errors.ts";
import { RoutedMessage } from "../mail/messages.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import { type DeliverDeps, type Delivered, deliver } from "./deliver.ts";
import { recordAttempt } from "./history.ts";
import { createPost } from "./post.ts";
import type { Outcome } from "./retry.ts";

export type DeliverHandlerDeps = HandlerDeps & Omit<DeliverDeps, "sendToQueue">;

export function createDeliverHandler(deps: DeliverHandlerDeps): SqsHandler {
  const sendToQueue: DeliverDeps["sendToQueue"] = (arn, body, id) =>
    sendMessages(arn, [{ body, attributes: { "webhook-id": id } }], deps);
  return createStageHandler(
    { stage: "deliver", schema: RoutedMessage },
    async (routed, { receiveCount }) => {
      const delivered = await deliver(routed, receiveCount, { ...deps, sendToQueue });
      const lost = await recordAttempt(delivered, deps.now(), deps.store).then(() => null, describeError);
      deps.log(describe(delivered, deps.now(), lost));
      return handledAs(delivered.outcome);
    },
    deps,
  );
}

function handledAs(outcome: Outcome): Handled {
  switch (outcome.kind) {
    case "delivered":
      return { kind: "done" };
    case "retry":
      return { kind: "again", delaySeconds: outcome.delaySeconds };
    case "dead":
      return outcome;
  }
}

/** `lost` is why the attempt is not in the history: the event is then what is left of it, since mail goes first. */
function describe(
  { outcome, receipt, destination, answer }: Delivered,
  nowMs: number,
  lost: string | null,
): StageEvent {
  const { id, durationMs, endpoint, webhookId, attempt, status, reason } = receipt;
  return {
    at: new Date(nowMs).toISOString(),
    stage: "deliver",
    id,
    outcome: outcome.kind,
    durationMs,
    detail: {
      endpoint,
      destination,
      webhookId,
      attempt,
      status,
      reason,
      ...(answer === null ? {} : { answer: printable(answer) }),
      ...(lost === null ? {} : { historyLost: lost }),
      ...(outcome.kind === "retry" ? { delaySeconds: outcome.delaySeconds } : {}),
    },
  };
}

const shownMaxLength = 200;

/** One line for people; what a receiver answers is not ours to trust. */
const printable = (answer: string) =>
  answer
    .slice(0, shownMaxLength)
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();

export const handler = lambdaHandler(async (aws) => {
  const { awsDeliverDeps } = await import("../aws/deliver-deps.ts");
  const deps = { ...aws, ...awsDeliverDeps(process.env, aws.now) };
  return createDeliverHandler({ ...deps, post: createPost(), random: Math.random });
});
