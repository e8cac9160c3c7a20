import { pipeline } from "../pipeline.ts";

/** From this size on, what is more than a person reads is taken for an attachment. */
const attachedFromBytes = 65_536;
const sqsChunkBytes = 65_536;

/** CloudWatch takes an event for as many bytes more than its line has. */
export const logEventBytes = 26;

/** What one mail asks for. A test counts the calls, the webhook and the log again, on mail that is a quarter text and the rest HTML. */
export interface MailUsage {
  readonly s3Puts: number;
  readonly s3Gets: number;
  readonly sqsSends: number;
  /** Of 64 KB, in a message of the queues. */
  readonly sqsChunks: number;
  readonly webhookBytes: number;
  readonly logBytes: number;
}

/** How often the audit reads a line: each hour, it looks three hours back. */
export const logReads = 3;

export function usageOf(sizeBytes: number): MailUsage {
  const isAttached = sizeBytes >= attachedFromBytes;
  const readBytes = isAttached ? attachedFromBytes / 4 : sizeBytes;
  // Text stands there twice: whole, and as what the sender wrote this time.
  const webhookBytes = Math.round(readBytes * 1.25 + 2_000);
  return {
    s3Puts: isAttached ? 2 : 1,
    s3Gets: 2,
    // By the bucket to parse, and by each stage to the next.
    sqsSends: pipeline.length,
    sqsChunks: Math.ceil(webhookBytes / sqsChunkBytes),
    webhookBytes,
    // Four events of the functions, and the front end's.
    logBytes: 2_280 + 720 + 5 * logEventBytes,
  };
}

/** How long a function works on one mail, in milliseconds: assumed, since DNS and your endpoint decide it. */
export const assumedMs = { parse: 30, validate: 150, route: 10, deliver: 200 } as const;

/**
 * The front end's CPU for one mail, in milliseconds: twice what `npm run bench:accept` gave on x86 in a quiet hour (2026-11-24:
 * 275 µs at 32 KB, 6.8 ms at 1 MB), for TLS and for the smaller core.
 */
export const frontEndCpuMs = (sizeBytes: number) => 0.42 + (sizeBytes / 1024) * 0.0132;

/** How each event source asks its queue for messages, as long as none comes. */
export const polling = { connections: 5, seconds: 20 } as const;

/** What is there without a mail. A test compares them with the stack. */
export const fixed = {
  tasks: { count: 2, vcpu: 0.25, memoryGb: 1 },
  /** Two of the balancer, and one of each task. */
  ipv4: 4,
  alarmMetrics: 30,
  dashboards: 1,
  /** What a quiet deployment writes in an hour: the canary's way through the stages, and the gauges. */
  metrics: 12,
  /** One webhook's, and the certificate's. */
  secrets: 2,
  /** The certificate, every five minutes by each task. */
  secretReadsPerMonth: 2 * 12 * 730,
  /** Every half minute by each task. */
  configReadsPerMonth: 2 * 2 * 60 * 730,
  sqsPollsPerMonth: (pipeline.length * polling.connections * 3600 * 730) / polling.seconds,
  canariesPerMonth: 12 * 730,
} as const;
