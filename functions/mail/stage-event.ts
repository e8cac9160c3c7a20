/** One wide event for each message at each stage: what the log, the metrics and the inspector are all made of. */
export const stageNames = ["smtp", "parse", "validate", "route", "deliver"] as const;
export type StageName = (typeof stageNames)[number];

export interface StageEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly stage: StageName;
  /** The message's id; null where there is none yet (a refused transaction) or it cannot be read. */
  readonly id: string | null;
  /**
   * What the stage decided, in one word of its own: smtp `accepted` `refused`, or what it did about clients
   * (`early-talker`, `connections`, …; see `functions/smtp/defences.ts`); parse `parsed` `unparsed` `abandoned`; validate `validated`; route `routed` `dropped` `quarantined` `unrouted`; deliver `delivered` `retry`;
   * any stage `again` (it threw) and `dead` (to the dead-letter queue).
   */
  readonly outcome: string;
  readonly durationMs: number;
  /** How often it happened, where one event stands for several; 1 when left out. */
  readonly count?: number;
  /** Flat, small, and free of secrets; names in camelCase. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}
