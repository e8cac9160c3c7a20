/** What the API answers with; light to load, since the command reads its answers by the same schemas. */
import * as z from "zod";
import { Authentication, ParsedMessage } from "../../../../functions/mail/messages.ts";
import { LoggedEvent, NumberedEntry, TranscriptLine } from "../../inspector/index-tables.ts";
import { EndpointHealth, QueueState, Totals } from "../../inspector/status.ts";

export const MessageList = z.object({
  messages: z.array(NumberedEntry),
  /** What `before` must be for the next page; null on the last. */
  next: z.number().nullable(),
});

export const MessageDetail = z.object({
  entry: NumberedEntry,
  events: z.array(LoggedEvent),
  /** What client and server said to each other, credentials masked; null where it was not kept: on AWS it never is. */
  transcript: z.array(TranscriptLine).nullable(),
  /** Null for a refused transaction, and where the stored message is gone. */
  message: ParsedMessage.extend({ auth: Authentication.nullable() }).nullable(),
});
export type MessageDetail = z.infer<typeof MessageDetail>;

const Value = z.union([z.string(), z.number(), z.boolean()]);
const Condition = z.object({
  condition: z.string(),
  expected: z.array(Value),
  seen: z.array(Value).nullable(),
  verdict: z.enum(["yes", "no", "unknown"]),
  captures: z.record(z.string(), z.string()),
  get negated() {
    return z.array(Condition);
  },
});

/** One for each recipient. */
export const Explanations = z.object({
  explanations: z.array(
    z.object({
      recipient: z.string(),
      decisions: z.array(
        z.object({
          kind: z.enum(["deliver", "drop", "quarantine", "unrouted"]),
          route: z.string().nullable(),
          endpoints: z.array(z.string()).optional(),
          reason: z.string().optional(),
          captures: z.record(z.string(), z.string()).optional(),
        }),
      ),
      routes: z.array(
        z.object({
          route: z.string(),
          verdict: z.enum(["yes", "no", "unknown"]),
          isTaken: z.boolean(),
          conditions: z.array(Condition),
        }),
      ),
    }),
  ),
});
export type Explanations = z.infer<typeof Explanations>;

export const Status = z.object({
  totals: Totals,
  queues: z.array(QueueState),
  endpoints: z.array(EndpointHealth),
});

export const DeadLetters = z.object({
  deadLetters: z.array(
    z.object({ number: z.number(), id: z.string().nullable(), sentAt: z.iso.datetime(), reason: z.string() }),
  ),
});

export const RedriveAll = z.object({
  max: z.number().int().min(1).optional().describe("How many at most; all when left out"),
  until: z.iso
    .datetime({ offset: true })
    .optional()
    .describe("Those that were dead by then: what dies again meanwhile stays"),
});

export const toRedrive = <Body extends z.infer<typeof RedriveAll>>({ until, ...rest }: Body) => ({
  ...rest,
  untilMs: until === undefined ? undefined : Date.parse(until),
});
