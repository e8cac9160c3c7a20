import type { SQSEvent } from "aws-lambda";
import type { HandlerDeps } from "../../functions/aws/stage.ts";
import type { OutgoingMessage, Queue } from "../../functions/mail/ports.ts";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import { createMemoryStore, type MemoryStore } from "../support/memory-store.ts";

export interface ObservedDeps extends HandlerDeps {
  readonly store: MemoryStore;
  /** What was sent, by queue. */
  readonly sent: Map<string, OutgoingMessage[]>;
  /** Seconds of each change of visibility. */
  readonly delays: number[];
  readonly events: StageEvent[];
  /** The queue whose next send fails. */
  failNextSend: string | null;
}

/** What every handler needs, in memory and in plain sight. */
export function createObservedDeps(now: () => number = () => 0): ObservedDeps {
  const sent = new Map<string, OutgoingMessage[]>();
  const delays: number[] = [];
  const events: StageEvent[] = [];
  const deps: ObservedDeps = {
    store: createMemoryStore(),
    sent,
    delays,
    events,
    failNextSend: null,
    now,
    log: (event) => events.push(event),
    queue: (name): Queue => ({
      name,
      send: async (messages) => {
        if (deps.failNextSend === name) {
          deps.failNextSend = null;
          throw new Error("queue out of reach");
        }
        sent.set(name, [...(sent.get(name) ?? []), ...messages]);
      },
      receive: async () => [],
      delete: async () => undefined,
      changeVisibility: async (_, seconds) => void delays.push(seconds),
      depth: async () => ({ visible: 0, inFlight: 0, delayed: 0 }),
    }),
  };
  return deps;
}

/** One record as SQS event sources give it. */
export function sqsEvent(body: object, receiveCount = 1): SQSEvent {
  return {
    Records: [
      {
        messageId: "m1",
        receiptHandle: "r1",
        body: JSON.stringify(body),
        attributes: {
          ApproximateReceiveCount: String(receiveCount),
          SentTimestamp: "0",
          SenderId: "test",
          ApproximateFirstReceiveTimestamp: "0",
        },
        messageAttributes: {},
        md5OfBody: "",
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:eu-west-1:111122223333:test",
        awsRegion: "eu-west-1",
      },
    ],
  };
}

export const finished = { batchItemFailures: [] };
export const returned = { batchItemFailures: [{ itemIdentifier: "m1" }] };
