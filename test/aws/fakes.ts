/** Queues that remember what was asked of them, and the records of an SQS event. */
import type { SQSRecord } from "aws-lambda";
import type { OutgoingMessage, Queue } from "../../functions/mail/ports.ts";

export interface FakeQueue extends Queue {
  readonly sent: OutgoingMessage[];
  readonly visibilities: (readonly [receiptHandle: string, seconds: number])[];
}

/** `failure` is what every call of it throws. */
export function createFakeQueue(name: string, failure?: Error): FakeQueue {
  const sent: OutgoingMessage[] = [];
  const visibilities: FakeQueue["visibilities"] = [];
  const attempt = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    name,
    sent,
    visibilities,
    send: async (messages) => {
      attempt();
      sent.push(...messages);
    },
    changeVisibility: async (receiptHandle, seconds) => {
      attempt();
      visibilities.push([receiptHandle, seconds]);
    },
    receive: async () => [],
    delete: async () => {},
    depth: async () => ({ visible: 0, inFlight: 0, delayed: 0 }),
  };
}

interface RecordOptions {
  readonly messageId?: string;
  readonly receiveCount?: string;
  readonly groupId?: string;
}

export const record = (
  body: string,
  { messageId = "m1", receiveCount = "1", groupId }: RecordOptions = {},
): SQSRecord => ({
  messageId,
  receiptHandle: `receipt of ${messageId}`,
  body,
  attributes: {
    ApproximateReceiveCount: receiveCount,
    SentTimestamp: "1767225600000",
    SenderId: "AIDA",
    ApproximateFirstReceiveTimestamp: "1767225600001",
    ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
  },
  messageAttributes: {},
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:eu-west-1:111122223333:parse",
  awsRegion: "eu-west-1",
});
