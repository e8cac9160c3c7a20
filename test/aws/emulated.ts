/** The adapters of functions/aws, wired to an emulator. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { openBucket } from "../../functions/aws/bucket.ts";
import { createClients } from "../../functions/aws/clients.ts";
import { createPutter } from "../../functions/aws/put.ts";
import { connectByNode } from "../../functions/aws/put-by-node.ts";
import { createQueue } from "../../functions/aws/queue.ts";
import { createSecretsManager } from "../../functions/aws/secrets-manager.ts";
import { type Environment, readAwsSettings } from "../../functions/aws/settings.ts";
import { createStore } from "../../functions/aws/store.ts";
import { type QueueUnderTest, receiveLimit } from "../contract/queue-subject.ts";
import type { StoreUnderTest } from "../contract/store-subject.ts";

/** What an emulator's client goes by; whoever the person at the machine is on AWS, is nobody's business here. */
export const emulatedIdentity = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "token",
};

export const emulatedEnvironment = (endpoint: string, bucket: string): Environment => ({
  MAILCHUTE_BUCKET: bucket,
  MAILCHUTE_S3_ENDPOINT: endpoint,
  MAILCHUTE_SQS_ENDPOINT: endpoint,
  MAILCHUTE_SECRETS_MANAGER_ENDPOINT: endpoint,
});

export interface Emulated {
  readonly clients: ReturnType<typeof createClients> & {
    readonly secretsManager: ReturnType<typeof createSecretsManager>;
  };
  /** A store in a bucket of its own. */
  openStore(): Promise<StoreUnderTest>;
  /** A queue of its own, and its dead letters. */
  openQueue(): Promise<QueueUnderTest>;
}

export function connect(endpoint: string): Emulated {
  Object.assign(process.env, emulatedIdentity);
  const clients = {
    ...createClients(readAwsSettings(emulatedEnvironment(endpoint, "unused"))),
    secretsManager: createSecretsManager(endpoint),
  };
  return {
    clients,
    openStore: async () => {
      const bucket = `mail-${randomUUID()}`;
      await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
      const open = openBucket(clients.s3, { bucket, endpoint, now: Date.now });
      const { put, close } = createPutter({
        open,
        connect: connectByNode,
        now: Date.now,
        random: Math.random,
        pause,
      });
      return { store: createStore({ client: clients.s3, bucket, put }), close };
    },
    openQueue: async () => {
      const name = `queue-${randomUUID()}`;
      const dead = await createNamedQueue(`${name}-dead`, clients.sqs, {});
      const policy = { deadLetterTargetArn: dead.arn, maxReceiveCount: receiveLimit };
      const source = await createNamedQueue(name, clients.sqs, { RedrivePolicy: JSON.stringify(policy) });
      return {
        queue: createQueue(name, { client: clients.sqs, url: async () => source.url }),
        deadLetters: createQueue(`${name}-dead`, { client: clients.sqs, url: async () => dead.url }),
        pass: async (seconds) => pause(seconds * 1000),
        close: async () => {},
      };
    },
  };
}

async function createNamedQueue(
  name: string,
  sqs: Emulated["clients"]["sqs"],
  Attributes: Record<string, string>,
) {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  return { url: QueueUrl, arn: answer.Attributes?.QueueArn ?? "" };
}
