import type { Handled, SqsHandler } from "../aws/consume.ts";
import { lambdaHandler } from "../aws/lambda.ts";
import { createStageHandler, type HandlerDeps, sendMessages } from "../aws/stage.ts";
import { RoutedMessage } from "../mail/messages.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import { type DeliverDeps, type Delivered, deliver } from "./deliver.ts";
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
      deps.log(describe(delivered, deps.now()));
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

function describe({ outcome, receipt, destination, answer }: Delivered, nowMs: number): StageEvent {
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
      ...(answer === null ? {} : { answer }),
      ...(outcome.kind === "retry" ? { delaySeconds: outcome.delaySeconds } : {}),
    },
  };
}

export const handler = lambdaHandler((aws) =>
  createDeliverHandler({ ...aws, post: createPost(), random: Math.random }),
);
