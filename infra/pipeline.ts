/** The first part of an object's key: what kind of object it is, and what rights and lifecycle are given by. */
export type StorePrefix =
  | "raw"
  | "attachments"
  | "bodies"
  | "quarantine"
  | "deliveries"
  | "claims"
  | "message-ids"
  | "config";

/**
 * The topology, once, as data. The CDK stack and the local runner both loop over it, so they cannot drift.
 * A stage's queue has its stage's name, its dead-letter queue that name and `-dead`. This file imports nothing.
 */
export interface PipelineStage {
  readonly stage: "parse" | "validate" | "route" | "deliver";
  /** The Lambda's entry file; it exports `handler`. */
  readonly entry: string;
  readonly timeoutSeconds: number;
  /** A message comes back after this long when its consumer died: at least 6 × timeout, as SQS event sources ask. */
  readonly visibilityTimeoutSeconds: number;
  readonly batchSize: number;
  /** Receives before SQS itself moves a message to the dead-letter queue. */
  readonly receiveLimit: number;
  readonly memoryMb: number;
  /** Messages carry a group, and no group delays another. */
  readonly isFair: boolean;
  /** The kinds of object that it reads, or signs URLs of: who opens one reads with the stage's right. */
  readonly reads: readonly StorePrefix[];
  readonly writes: readonly StorePrefix[];
  /** The stage whose queue it sends to, beside its own dead-letter queue. */
  readonly next: PipelineStage["stage"] | null;
}

export const pipeline: readonly PipelineStage[] = [
  {
    stage: "parse",
    entry: "functions/parse/handler.ts",
    timeoutSeconds: 60,
    visibilityTimeoutSeconds: 360,
    batchSize: 5,
    receiveLimit: 16,
    memoryMb: 1024,
    isFair: false,
    reads: ["raw"],
    writes: ["attachments", "bodies", "claims"],
    next: "validate",
  },
  {
    stage: "validate",
    entry: "functions/validate/handler.ts",
    timeoutSeconds: 60,
    visibilityTimeoutSeconds: 360,
    batchSize: 5,
    receiveLimit: 16,
    memoryMb: 512,
    isFair: false,
    reads: ["claims", "raw", "config", "message-ids"],
    writes: ["claims", "message-ids"],
    next: "route",
  },
  {
    stage: "route",
    entry: "functions/route/handler.ts",
    timeoutSeconds: 30,
    visibilityTimeoutSeconds: 180,
    batchSize: 10,
    receiveLimit: 16,
    memoryMb: 256,
    isFair: false,
    reads: ["claims", "config", "quarantine"],
    writes: ["quarantine", "claims"],
    next: "deliver",
  },
  {
    stage: "deliver",
    entry: "functions/deliver/handler.ts",
    timeoutSeconds: 60,
    visibilityTimeoutSeconds: 360,
    batchSize: 5,
    // The retry schedule has 13 attempts; the rest is room for attempts that died with their consumer.
    receiveLimit: 40,
    memoryMb: 256,
    isFair: true,
    reads: ["claims", "config", "raw", "attachments", "bodies", "deliveries"],
    writes: ["claims", "deliveries"],
    next: null,
  },
];

/** SQS keeps a message this long; the retry schedule is about 66 hours. */
export const retentionDays = 14;

export const deadLetterQueueName = (stage: string) => `${stage}-dead`;
