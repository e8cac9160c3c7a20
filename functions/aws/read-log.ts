import * as z from "zod";
import { parseJson } from "../mail/json.ts";
import { type StageEvent, stageNames } from "../mail/stage-event.ts";

const Line = z.looseObject({
  at: z.iso.datetime(),
  id: z.string().nullable(),
  Stage: z.enum(stageNames),
  Outcome: z.string(),
  DurationMs: z.number(),
  Count: z.number().default(1),
});

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** The event in a line that log.ts wrote; null for any other line. */
export function readLogLine(line: string): StageEvent | null {
  const parsed = Line.safeParse(parseJson(line));
  if (!parsed.success) return null;
  const { at, id, Stage, Outcome, DurationMs, Count, ...rest } = parsed.data;
  const detail = Object.entries(rest).flatMap(([name, value]) => {
    const scalar = Scalar.safeParse(value);
    // What begins with a capital is there to be measured.
    return /^[a-z]/.test(name) && scalar.success ? [[name, scalar.data] as const] : [];
  });
  return {
    ...{ at, id, stage: Stage, outcome: Outcome, durationMs: DurationMs },
    ...(Count === 1 ? {} : { count: Count }),
    detail: Object.fromEntries(detail),
  };
}
