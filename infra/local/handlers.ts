import type { SqsHandler } from "../../functions/aws/consume.ts";
import type { HandlerDeps } from "../../functions/aws/stage.ts";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import type { Config } from "../../functions/mail/config.ts";
import { PermanentError } from "../../functions/mail/errors.ts";
import type { ObjectUrls, Post, Resolve, SendToBus } from "../../functions/mail/ports.ts";
import { createParseHandler } from "../../functions/parse/handler.ts";
import { createRouteHandler } from "../../functions/route/handler.ts";
import { createValidateHandler } from "../../functions/validate/handler.ts";
import type { PipelineStage } from "../pipeline.ts";

/** All that the stages ask of the outside; on AWS each handler gets the same from `functions/aws`. */
export interface PipelinePorts extends HandlerDeps {
  readonly urls: ObjectUrls;
  readonly config: () => Promise<Config>;
  readonly secrets: (endpoint: string) => Promise<readonly string[]>;
  readonly resolve: Resolve;
  readonly post: Post;
  readonly random: () => number;
}

/** Queues and buses of the users' own are on AWS: here a delivery to one becomes a dead letter that says so. */
const ownQueue =
  ({ queue }: HandlerDeps): HandlerDeps["queue"] =>
  (name) => {
    if (name.startsWith("arn:")) throw new PermanentError("npm start has no SQS");
    return queue(name);
  };

const sendToBus: SendToBus = async () => {
  throw new PermanentError("npm start has no EventBridge");
};

/** The handlers that run on Lambda, wired to the given ports. */
export function createHandlers(ports: PipelinePorts): Readonly<Record<PipelineStage["stage"], SqsHandler>> {
  return {
    parse: createParseHandler(ports),
    validate: createValidateHandler({ ...ports, dnsRetryDelaysSeconds: [] }),
    route: createRouteHandler(ports),
    deliver: createDeliverHandler({ ...ports, queue: ownQueue(ports), sendToBus }),
  };
}
