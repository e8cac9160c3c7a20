/** A deployed stack, for whoever operates it from outside: region and credentials are those of the person at the terminal. */
import { setTimeout as pause } from "node:timers/promises";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import type { Clock, ObjectStore, Queue } from "../mail/ports.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import { openBucket } from "./bucket.ts";
import { clientOptions, createClients } from "./clients.ts";
import { failed } from "./failed.ts";
import { logGroupsOf } from "./log.ts";
import { createLogQuery } from "./log-query.ts";
import { createPutter } from "./put.ts";
import { connectByNode } from "./put-by-node.ts";
import { createQueue } from "./queue.ts";
import { readLogLine } from "./read-log.ts";
import { createRotateSecret } from "./secrets.ts";
import { createSecretsManager } from "./secrets-manager.ts";
import { type Environment, readAwsSettings } from "./settings.ts";
import { createStore } from "./store.ts";

export interface Deployed {
  readonly store: ObjectStore;
  /** By the name that the pipeline knows it by. */
  readonly queue: (name: string) => Queue;
  /** The newest events of these stages that were logged since then, oldest first; a second call leaves out what the first gave. */
  readonly readEvents: (stages: readonly string[], fromMs: number) => Promise<readonly StageEvent[]>;
  readonly rotateSecret: (endpoint: string) => Promise<void>;
  readonly now: Clock;
}

const idleTimeoutMs = 30_000;

/** Null where there is no stack of this name. */
export async function openDeployed(name: string, env: Environment): Promise<Deployed | null> {
  const endpoint = env["AWS_ENDPOINT_URL"];
  const bucket = await findBucket(name, endpoint);
  if (bucket === null) return null;
  const settings = readAwsSettings({
    ...env,
    MAILCHUTE_BUCKET: bucket,
    MAILCHUTE_SECRET_PREFIX: `${name}/`,
    MAILCHUTE_SERVICE: name,
  });
  const { s3, sqs } = createClients(settings);
  const now = Date.now;
  const { put } = createPutter({
    open: openBucket(s3, { bucket, endpoint: settings.s3Endpoint, now }),
    connect: connectByNode,
    now,
    random: Math.random,
    pause,
  });
  const urlOf = async (queue: string) => {
    const command = new GetQueueUrlCommand({ QueueName: `${name}-${queue}` });
    const { QueueUrl = "" } = await sqs.send(command).catch(failed(`queue ${name}-${queue}`));
    return QueueUrl;
  };
  return {
    store: createStore({ client: s3, bucket, put }),
    queue: (queue) => createQueue(queue, { client: sqs, url: async () => urlOf(queue) }),
    readEvents: createReadEvents(name, createLogQuery(endpoint), now),
    rotateSecret: createRotateSecret({
      client: createSecretsManager(settings.secretsManagerEndpoint),
      prefix: settings.secretPrefix,
    }),
    now,
  };
}

async function findBucket(StackName: string, endpoint: string | undefined): Promise<string | null> {
  const client = new CloudFormationClient(clientOptions(endpoint, idleTimeoutMs));
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName })).catch((error) => {
    if (error instanceof Error && error.message.includes("does not exist")) return { Stacks: [] };
    return failed(`stack ${StackName}`)(error);
  });
  const outputs = Stacks[0]?.Outputs ?? [];
  return outputs.find(({ OutputKey }) => OutputKey === "Bucket")?.OutputValue ?? null;
}

/** All that one query of CloudWatch Logs Insights gives. */
export const eventsMax = 10_000;

export function createReadEvents(
  service: string,
  ask: ReturnType<typeof createLogQuery>,
  now: Clock,
): Deployed["readEvents"] {
  const given = new Set<string>();
  return async (stages, fromMs) => {
    const rows = await ask({
      logGroups: logGroupsOf(service, stages),
      query: `fields @message | filter ispresent(Outcome) | sort @timestamp desc | limit ${eventsMax}`,
      fromMs,
      toMs: now(),
    });
    const fresh = rows.filter(({ "@ptr": pointer = "" }) => !given.has(pointer));
    for (const { "@ptr": pointer = "" } of fresh) given.add(pointer);
    const events = fresh.map(({ "@message": line = "" }) => readLogLine(line));
    return events.filter((event) => event !== null).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  };
}
