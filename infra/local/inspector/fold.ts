/** What an event changes in an entry of the index; pure, so that the index is no more than the sum of the events. */
import type { StageEvent, StageName } from "../../../functions/mail/stage-event.ts";
import { pipeline } from "../../pipeline.ts";
import type { Aside, Delivery, Entry, State } from "./entry.ts";

type Detail = StageEvent["detail"];

/** The entry after the event; null where the event belongs to none. */
export function fold(before: Entry | null, event: StageEvent): Entry | null {
  if (event.id === null && event.outcome !== "refused") return null;
  const entry = change(before ?? blank(event), event);
  // A stage may be done before the one that sent it the message has said so: the front end is never the last.
  const stage = before !== null && event.stage === "smtp" ? before.stage : event.stage;
  return { ...entry, stage, ...judge(entry) };
}

const blank = ({ id, at, stage }: StageEvent): Entry => ({
  id,
  at,
  stage,
  state: "underway",
  reason: null,
  mailFrom: null,
  to: "",
  recipients: 0,
  from: null,
  subject: null,
  messageId: null,
  sizeBytes: 0,
  attachments: 0,
  verdict: null,
  routes: [],
  deliveries: [],
  asides: [],
  trouble: null,
});

function change(entry: Entry, event: StageEvent): Entry {
  const { stage, outcome, detail } = event;
  if (outcome === "refused" || stage === "smtp") return receive(entry, event);
  // The message never was: what the front end said of it stands.
  if (outcome === "abandoned") return entry;
  if (stage !== "deliver" && (outcome === "again" || outcome === "dead")) return fail(entry, event);
  // The store may have kept what the front end could not tell to be stored: it lives, though its sender was told 451.
  const isPast = entry.trouble?.stage === stage || entry.trouble?.stage === "smtp";
  const healed = isPast ? { ...entry, trouble: null } : entry;
  switch (stage) {
    case "parse":
      return parse(healed, detail);
    case "validate":
      return { ...healed, verdict: verdictOf(detail) };
    case "route":
      return route(healed, outcome, detail);
    case "deliver":
      return deliver(healed, event);
  }
}

function receive(entry: Entry, { outcome, detail }: StageEvent): Entry {
  const envelope = {
    ...entry,
    mailFrom: textOr(detail["from"], null),
    // Where none was taken, who it was for is the first that was refused.
    to: text(detail["to"]) || text(detail["refusedTo"]),
    recipients: number(detail["recipients"]) || number(detail["refusedRecipients"]),
    sizeBytes: number(detail["sizeBytes"]),
  };
  if (outcome === "accepted" || entry.stage !== "smtp") return envelope;
  const reason = textOr(detail["reason"], null) ?? text(detail["reply"]);
  return { ...envelope, trouble: { stage: "smtp", isDead: true, reason } };
}

const fail = (entry: Entry, { stage, outcome, detail }: StageEvent): Entry => ({
  ...entry,
  trouble: { stage, isDead: outcome === "dead" || isLastTry(stage, detail), reason: text(detail["reason"]) },
});

/** After it the queue itself makes a dead letter of the message, and no stage says so. */
const isLastTry = (stage: StageName, { receiveCount }: Detail) =>
  number(receiveCount) >= (receiveLimits.get(stage) ?? Number.POSITIVE_INFINITY);

const receiveLimits: ReadonlyMap<StageName, number> = new Map(
  pipeline.map(({ stage, receiveLimit }) => [stage, receiveLimit]),
);

const parse = (entry: Entry, detail: Detail): Entry => ({
  ...entry,
  from: textOr(detail["from"], null),
  subject: textOr(detail["subject"], null),
  messageId: textOr(detail["messageId"], null),
  sizeBytes: number(detail["sizeBytes"]),
  attachments: number(detail["attachments"]),
});

const verdictOf = (detail: Detail): Entry["verdict"] => ({
  spf: text(detail["spf"]),
  dkim: text(detail["dkim"]),
  dmarc: text(detail["dmarc"]),
  arc: text(detail["arc"]),
  senderVerified: detail["senderVerified"] === true,
});

function route(entry: Entry, outcome: string, detail: Detail): Entry {
  const named = text(detail["route"])
    .split(", ")
    .filter((name) => name !== "");
  const routed = { ...entry, routes: [...new Set([...entry.routes, ...named])] };
  if (outcome === "dropped" || outcome === "quarantined" || outcome === "unrouted") {
    return { ...routed, asides: addAside(entry.asides, outcome, detail) };
  }
  const endpoint = text(detail["endpoint"]);
  const isReplay = detail["isReplay"] === true;
  const { replayAt } = detail;
  const replayed = typeof replayAt === "string" ? `_r${Date.parse(replayAt)}` : null;
  // A stage may run twice for a message: the first run's deliveries are the second's. A replay may be sent already.
  const isKnown = entry.deliveries.some((one) =>
    isReplay
      ? replayed !== null && one.endpoint === endpoint && one.webhookId?.endsWith(replayed) === true
      : one.endpoint === endpoint && !one.isReplay,
  );
  if (isKnown) return routed;
  return { ...routed, deliveries: [...entry.deliveries, { ...queued, endpoint, isReplay }] };
}

function addAside(asides: readonly Aside[], kind: Aside["kind"], detail: Detail): Aside[] {
  const recipients = text(detail["recipients"]);
  const aside = { kind, route: textOr(detail["route"], null), reason: text(detail["reason"]), recipients };
  // What was decided later for the same recipients stands.
  return [...asides.filter((one) => one.recipients !== recipients), aside];
}

const queued = {
  webhookId: null,
  state: "queued",
  attempts: 0,
  status: null,
  reason: null,
  nextAt: null,
} as const;

function deliver(entry: Entry, event: StageEvent): Entry {
  const webhookId = textOr(event.detail["webhookId"], null);
  // Where a throw ended the attempt nobody knows whose it was.
  if (webhookId === null) return fail(entry, event);
  const endpoint = text(event.detail["endpoint"]);
  const isReplay = /_r\d+$/.test(webhookId);
  const isIt = (one: Delivery) => one.webhookId === webhookId;
  const isWaiting = (one: Delivery) =>
    one.webhookId === null && one.endpoint === endpoint && one.isReplay === isReplay;
  const known = entry.deliveries.find(isIt) ?? entry.deliveries.find(isWaiting);
  const attempted = attempt({ ...queued, endpoint, isReplay, webhookId }, event);
  const deliveries =
    known === undefined
      ? [...entry.deliveries, attempted]
      : entry.deliveries.map((one) => (one === known ? attempted : one));
  return { ...entry, deliveries };
}

function attempt(delivery: Delivery, { at, outcome, detail }: StageEvent): Delivery {
  const delaySeconds = detail["delaySeconds"];
  return {
    ...delivery,
    state: outcome === "delivered" || outcome === "dead" ? outcome : "retry",
    attempts: number(detail["attempt"]),
    status: typeof detail["status"] === "number" ? detail["status"] : null,
    reason: textOr(detail["reason"], null),
    nextAt:
      typeof delaySeconds === "number" ? new Date(Date.parse(at) + delaySeconds * 1000).toISOString() : null,
  };
}

/** The worst that is true of any recipient comes first: a message is delivered when nothing of it is left. */
function judge({ trouble, deliveries, asides }: Entry): { state: State; reason: string | null } {
  const as = (state: State, reason: string | null = null) => ({ state, reason });
  const delivery = (state: Delivery["state"]) => deliveries.find((one) => one.state === state);
  const aside = (kind: Aside["kind"]) => asides.find((one) => one.kind === kind);
  if (trouble?.isDead === true) return as(trouble.stage === "smtp" ? "refused" : "dead", trouble.reason);
  const lost = delivery("dead") ?? aside("unrouted");
  if (lost !== undefined) return as("dead", lost.reason);
  if (trouble !== null) return as("retrying", trouble.reason);
  const retry = delivery("retry");
  if (retry !== undefined) return as("retrying", retry.reason);
  if (delivery("queued") !== undefined) return as("underway");
  const quarantined = aside("quarantined");
  if (delivery("delivered") !== undefined) return as("delivered");
  if (quarantined !== undefined) return as("quarantined", quarantined.reason);
  const dropped = aside("dropped");
  return dropped === undefined ? as("underway") : as("dropped", dropped.reason);
}

const text = (value: Detail[string] | undefined) => (typeof value === "string" ? value : "");
const textOr = (value: Detail[string] | undefined, otherwise: null) =>
  typeof value === "string" ? value : otherwise;
const number = (value: Detail[string] | undefined) => (typeof value === "number" ? value : 0);
