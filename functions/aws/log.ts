/** CloudWatch's embedded metric format: one line of JSON is both the event to read and the metrics to draw. */
import type { Clock, Log } from "../mail/ports.ts";

export const metricNamespace = "Mailchute";

/** A text of an event is cut here: a line that is too long for CloudWatch would be lost whole. */
export const textMaxLength = 1024;

export interface LogDeps {
  readonly service: string;
  readonly write: (line: string) => void;
  readonly now: Clock;
}

export type Detail = Readonly<Record<string, string | number | boolean | null>>;

/** Logs stage events. `Stage` and `Outcome` are dimensions: few values each, since every pair of them is a metric. */
export function createLog({ service, write, now }: LogDeps): Log {
  return ({ at, stage, id, outcome, durationMs, count = 1, detail }) => {
    const event = {
      at,
      id,
      Service: service,
      Stage: stage,
      Outcome: outcome,
      Count: count,
      DurationMs: durationMs,
    };
    const metrics = [metric("Count", "Count"), metric("DurationMs", "Milliseconds")];
    writeLine(
      { ...detail, ...event },
      { dimensions: ["Service", "Stage", "Outcome"], metrics, nowMs: now(), write },
    );
  };
}

/** Something that is no message's fault and wants an operator: counted as `Problems`, by its name. */
export type ReportProblem = (problem: string, detail: Detail) => void;

export function createReportProblem({ service, write, now }: LogDeps): ReportProblem {
  return (problem, detail) => {
    const event = { at: new Date(now()).toISOString(), Service: service, Problem: problem, Problems: 1 };
    const metrics = [metric("Problems", "Count")];
    writeLine({ ...detail, ...event }, { dimensions: ["Service", "Problem"], metrics, nowMs: now(), write });
  };
}

const metric = (Name: string, Unit: string) => ({ Name, Unit });

interface Line {
  readonly dimensions: readonly string[];
  readonly metrics: readonly { readonly Name: string; readonly Unit: string }[];
  readonly nowMs: number;
  readonly write: (line: string) => void;
}

function writeLine(properties: Detail, { dimensions, metrics, nowMs, write }: Line): void {
  const directive = { Namespace: metricNamespace, Dimensions: [dimensions], Metrics: metrics };
  try {
    write(
      `${JSON.stringify({ ...properties, _aws: { Timestamp: nowMs, CloudWatchMetrics: [directive] } }, cut)}\n`,
    );
  } catch {
    // A log that cannot be written must not fail the mail it speaks of.
  }
}

const cut = (_name: string, value: unknown) =>
  typeof value === "string" && value.length > textMaxLength ? `${value.slice(0, textMaxLength)}…` : value;
