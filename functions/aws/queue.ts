import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { IncomingMessage, OutgoingMessage, Queue, ReceiveOptions } from "../mail/ports.ts";
import { failed } from "./failed.ts";
import { batchLimits, inBatches } from "./queue-batches.ts";

/** Sends of what SQS refused for reasons of its own. */
const sendAttemptsMax = 3;

/**
 * SQS counts its 12 hours from the receive, not from now, and refuses what goes past them: this leaves the handler the
 * 15 minutes that a Lambda can run.
 */
export const visibilityMaxSeconds = 43_200 - 900;

export interface QueueDeps {
  readonly client: SQSClient;
  readonly url: () => Promise<string>;
}

/** A queue on SQS. */
export function createQueue(name: string, { client, url }: QueueDeps): Queue {
  return {
    name,
    send: async (messages) => {
      for (const batch of inBatches(messages)) {
        await sendBatch(batch.map(toEntry), { client, url: await url() }).catch(failed(`sqs send ${name}`));
      }
    },
    receive: async (options) =>
      receive(options, { client, url }).catch((error: unknown) =>
        options.signal?.aborted === true ? [] : failed(`sqs receive ${name}`)(error),
      ),
    delete: async (receiptHandles) => {
      for (let from = 0; from < receiptHandles.length; from += batchLimits.entriesMax) {
        const batch = receiptHandles.slice(from, from + batchLimits.entriesMax);
        await deleteBatch(batch, { client, url: await url() }).catch(failed(`sqs delete ${name}`));
      }
    },
    changeVisibility: async (ReceiptHandle, seconds) => {
      const VisibilityTimeout = Math.min(seconds, visibilityMaxSeconds);
      await client
        .send(new ChangeMessageVisibilityCommand({ QueueUrl: await url(), ReceiptHandle, VisibilityTimeout }))
        .catch(failed(`sqs change visibility ${name}`));
    },
    depth: async () => depth(await url(), client).catch(failed(`sqs depth ${name}`)),
  };
}

interface At {
  readonly client: SQSClient;
  readonly url: string;
}

const toEntry = (message: OutgoingMessage, index: number): SendMessageBatchRequestEntry => ({
  Id: String(index),
  MessageBody: message.body,
  MessageGroupId: message.groupId,
  DelaySeconds: message.delaySeconds,
  MessageAttributes:
    message.attributes &&
    Object.fromEntries(
      Object.entries(message.attributes).map(([name, StringValue]) => [
        name,
        { DataType: "String", StringValue },
      ]),
    ),
});

/** SQS takes or refuses each entry alone: what it refused for reasons of its own is sent again. */
async function sendBatch(entries: readonly SendMessageBatchRequestEntry[], { client, url }: At) {
  let left = entries;
  for (let attempt = 1; left.length > 0; attempt++) {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: url, Entries: [...left] }),
    );
    const fatal = Failed.find(({ SenderFault }) => attempt === sendAttemptsMax || SenderFault === true);
    if (fatal !== undefined) throw new Error(`${fatal.Code}: ${fatal.Message}`);
    left = left.filter(({ Id }) => Failed.some((failure) => failure.Id === Id));
  }
}

async function receive(options: ReceiveOptions, { client, url }: QueueDeps): Promise<IncomingMessage[]> {
  const { max, waitSeconds, visibilityTimeoutSeconds, signal } = options;
  const command = new ReceiveMessageCommand({
    QueueUrl: await url(),
    MaxNumberOfMessages: max,
    WaitTimeSeconds: waitSeconds,
    VisibilityTimeout: visibilityTimeoutSeconds,
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"],
  });
  const { Messages = [] } = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
  return Messages.map(toIncomingMessage);
}

function toIncomingMessage({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Message) {
  const attributes = Object.entries(MessageAttributes ?? {}).map(([name, { StringValue }]) => [
    name,
    StringValue ?? "",
  ]);
  return {
    messageId: MessageId ?? "",
    receiptHandle: ReceiptHandle ?? "",
    body: Body ?? "",
    groupId: Attributes?.MessageGroupId ?? null,
    receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
    sentAtMs: Number(Attributes?.SentTimestamp ?? 0),
    attributes: Object.fromEntries(attributes),
  };
}

/** What SQS says of a receipt whose message is gone, where it says anything. */
const spentReceiptCode = "ReceiptHandleIsInvalid";

async function deleteBatch(receiptHandles: readonly string[], { client, url }: At) {
  const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
  const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  const failure = Failed.find(({ Code }) => Code !== spentReceiptCode);
  if (failure !== undefined) throw new Error(`${failure.Code}: ${failure.Message}`);
}

async function depth(url: string, client: SQSClient) {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
      ],
    }),
  );
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}
