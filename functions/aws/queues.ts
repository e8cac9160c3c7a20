import type { SQSClient } from "@aws-sdk/client-sqs";
import { PermanentError } from "../mail/errors.ts";
import type { Queue } from "../mail/ports.ts";
import { createQueue } from "./queue.ts";

const arnPattern = /^arn:[a-z-]+:sqs:(?<region>[a-z0-9-]+):(?<account>\d{12}):(?<name>[\w-]{1,80})$/;

export interface QueuesDeps {
  readonly client: SQSClient;
  readonly queueUrls: Readonly<Record<string, string>>;
}

/** Finds queues: Mailchute's own by name, an endpoint's by ARN. */
export function createQueues(deps: QueuesDeps): (nameOrArn: string) => Queue {
  const queues = new Map<string, Queue>();
  return (nameOrArn) => {
    const known = queues.get(nameOrArn);
    if (known !== undefined) return known;
    const queue = createQueue(nameOrArn, {
      client: deps.client,
      url: async () => deps.queueUrls[nameOrArn] ?? urlOf(nameOrArn, deps),
    });
    queues.set(nameOrArn, queue);
    return queue;
  };
}

async function urlOf(arn: string, { client: { config }, queueUrls }: QueuesDeps): Promise<string> {
  const { region, account, name } = arnPattern.exec(arn)?.groups ?? {};
  if (region === undefined) {
    throw new Error(
      `MAILCHUTE_QUEUE_URLS has no queue ${arn}, only ${Object.keys(queueUrls).join(", ") || "none"}`,
    );
  }
  const here = await config.region();
  if (region !== here) throw new PermanentError(`queue ${arn} is not in this region, ${here}`);
  const { url } = config.endpointProvider({
    Region: region,
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: await config.useDualstackEndpoint(),
  });
  return new URL(`/${account}/${name}`, url).href;
}
