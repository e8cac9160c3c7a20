/** CloudWatch's embedded metric format: one line of JSON is both the event to read and the metrics to draw. */
import { createdAtMs } from "../mail/id.ts";
import type { Clock, Log } from "../mail/ports.ts";
import { type StageEvent, stageNames } from "../mail/stage-event.ts";

export const metricNamespace = "Mailchute";

/** Where a function, or the front end, logs. */
export const logGroupOf = (name: string) => `/mailchute/${name}`;

export const logGroupsOf = (service: string, stages: readonly string[] = stageNames) =>
  stages.map((stage) => logGroupOf(`${service}-${stage}`));

/** A text of an event is cut here: a line that is too long for CloudWatch would be lost whole. */
export const textMaxLength = 1024;

export interface LogDeps {
  readonly service: string;
  readonly write: (line: string) => void;
  readonly now: Clock;
}

export type Detail = Readonly<Record<string, string | number | boolean | null>>;

/** Logs stage events. What is a dimension has few values, since every set of them is a metric. */
export function createLog({ service, write, now }: LogDeps): Log {
  return (event) => {
    const { at, stage, id, outcome, durationMs, count: times = 1, detail } = event;
    const common = { at, id, Service: service, Stage: stage, Outcome: outcome };
    const properties = { ...detail, ...common, Count: times, DurationMs: durationMs, ...deliveryOf(event) };
    // Of the functions, Lambda itself measures the duration: each metric more costs every month.
    const isTimed = stage === "smtp" && outcome === "accepted";
    const directives = [
      { dimensions: ["Service", "Stage", "Outcome"], metrics: isTimed ? [count, duration] : [count] },
      ...("Endpoint" in properties
        ? [{ dimensions: ["Service", "Endpoint"], metrics: [failures, duration] }]
        : []),
      ...("EndToEndMs" in properties
        ? [{ dimensions: ["Service"], metrics: [metric("EndToEndMs", "Milliseconds")] }]
        : []),
    ];
    writeLine(properties, { directives, nowMs: now(), write });
  };
}

const replayed = /_r\d+$/;

/** What is measured of a delivery beside: by its endpoint, and from the 250 on where it is no replay. */
function deliveryOf({ stage, outcome, id, at, detail }: StageEvent): Detail {
  const { endpoint, webhookId } = detail;
  if (stage !== "deliver" || typeof endpoint !== "string") return {};
  const isDelivered = outcome === "delivered";
  const sinceMs =
    isDelivered && !replayed.test(String(webhookId)) ? Date.parse(at) - createdAtMs(id ?? "") : Number.NaN;
  return {
    Endpoint: endpoint,
    Failures: isDelivered ? 0 : 1,
    ...(Number.isNaN(sinceMs) ? {} : { EndToEndMs: sinceMs }),
  };
}

/** Something that is no message's fault and wants an operator: counted as `Problems`, by its name. */
export type ReportProblem = (problem: string, detail: Detail) => void;

export function createReportProblem({ service, write, now }: LogDeps): ReportProblem {
  return (problem, detail) => {
    const event = { at: new Date(now()).toISOString(), Service: service, Problem: problem, Problems: 1 };
    const directives = [{ dimensions: ["Service", "Problem"], metrics: [metric("Problems", "Count")] }];
    writeLine({ ...detail, ...event }, { directives, nowMs: now(), write });
  };
}

/** A number that stands as it is until the next one, under the name of the metric. */
export function createGauge({ service, write, now }: LogDeps): (name: string, value: number) => void {
  return (name, value) => {
    const event = { at: new Date(now()).toISOString(), Service: service, [name]: value };
    const directives = [{ dimensions: ["Service"], metrics: [metric(name, "None")] }];
    writeLine(event, { directives, nowMs: now(), write });
  };
}

const metric = (Name: string, Unit: string) => ({ Name, Unit });
const count = metric("Count", "Count");
/** 0 or 1 for each attempt at a delivery: how many samples it has is how many attempts there were. */
const failures = metric("Failures", "Count");
const duration = metric("DurationMs", "Milliseconds");

interface Directive {
  readonly dimensions: readonly string[];
  readonly metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

interface Line {
  readonly directives: readonly Directive[];
  readonly nowMs: number;
  readonly write: (line: string) => void;
}

function writeLine(properties: Detail, { directives, nowMs, write }: Line): void {
  const CloudWatchMetrics = directives.map(({ dimensions, metrics }) => ({
    Namespace: metricNamespace,
    Dimensions: [dimensions],
    Metrics: metrics,
  }));
  try {
    write(`${JSON.stringify({ ...properties, _aws: { Timestamp: nowMs, CloudWatchMetrics } }, cut)}\n`);
  } catch {
    // A log that cannot be written must not fail the mail it speaks of.
  }
}

const cut = (_name: string, value: unknown) =>
  typeof value === "string" && value.length > textMaxLength ? `${value.slice(0, textMaxLength)}…` : value;
