import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import type { Config } from "../../functions/mail/config.ts";
import type { RoutedMessage } from "../../functions/mail/messages.ts";
import type { PostRequest, PostResult, SendToBus } from "../../functions/mail/ports.ts";
import { createObservedDeps, sqsEvent } from "../validate/handler-deps.ts";
import { routedMessage, secretOf } from "./routed.ts";

export const arn = "arn:aws:sqs:eu-west-1:111122223333:billing-mail";
export const busArn = "arn:aws:events:eu-west-1:111122223333:event-bus/mail";
export const url = "https://app.test/hook?key=1";
const endpoints: Config["endpoints"] = {
  helpdesk: { url },
  billing: { queue: arn },
  ledger: { bus: busArn },
  sink: { sink: true },
};
export const answer = (status: number, changes: object = {}): PostResult => ({
  kind: "answer",
  status,
  retryAfter: null,
  excerpt: "",
  ...changes,
});

export interface SetUp {
  readonly result?: PostResult;
  readonly routed?: Partial<RoutedMessage>;
  readonly secrets?: readonly string[];
  readonly config?: Config["endpoints"];
}

/** A handler whose endpoints answer `result`, and what it did. */
export function setUp({
  result = answer(204),
  routed = {},
  secrets = [secretOf(1)],
  config = endpoints,
}: SetUp = {}) {
  const observed = createObservedDeps(Date.now);
  const posts: PostRequest[] = [];
  const bus: Parameters<SendToBus>[] = [];
  const deps = {
    ...observed,
    urls: { sign: async (key: string) => `https://store.test/${key}` },
    config: async () => ({ endpoints: config }),
    secrets: async () => secrets,
    post: async (request: PostRequest) => {
      posts.push(request);
      return result;
    },
    sendToBus: async (...event: Parameters<SendToBus>) => void bus.push(event),
    random: () => 0.5,
  };
  const handle = (attempt = 1) => createDeliverHandler(deps)(sqsEvent(routedMessage(routed), attempt));
  return { observed, deps, posts, bus, handle };
}
