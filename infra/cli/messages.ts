/** The commands that look at messages. Each gives what `--json` prints, and the same for people. */
import * as z from "zod";
import { replayParts } from "../../functions/deliver/replay.ts";
import type { JudgedCondition } from "../../functions/mail/condition.ts";
import { Explanations, MessageDetail, MessageList, Status } from "../local/http/api/schemas.ts";
import { shownRecipients } from "../local/inspector/entry.ts";
import { NumberedEntry } from "../local/inspector/index-tables.ts";
import type { Api } from "./api.ts";
import { readInput } from "./compose.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { table } from "./output.ts";

export interface Output {
  readonly json: unknown;
  readonly text: string;
}

export async function list(query: string, limit: number, api: Api): Promise<Output> {
  const parameters = new URLSearchParams({ q: query, limit: String(limit) });
  const found = await api.get(`/messages?${parameters}`, MessageList);
  const rows = found.messages.map(rowOf);
  return { json: found, text: rows.length === 0 ? "nothing matches" : table([head, ...rows]) };
}

const head = ["TIME", "STATE", "FROM", "TO", "ID", "SUBJECT"];

const rowOf = (entry: NumberedEntry) => [
  entry.at.slice(0, 19).replace("T", " "),
  entry.state,
  entry.from ?? entry.mailFrom ?? "<>",
  shownRecipients(entry),
  // A refused one has but a number.
  entry.id ?? String(entry.seq),
  entry.subject ?? entry.reason ?? "",
];

export async function wait(
  query: string,
  { timeout, since }: { readonly timeout: number; readonly since?: string },
  api: Api,
): Promise<Output> {
  const parameters = new URLSearchParams({
    q: query,
    timeout: String(timeout),
    ...(since === undefined ? {} : { since }),
  });
  const entry = await api.get(`/wait?${parameters}`, NumberedEntry);
  return { json: entry, text: table([rowOf(entry)]) };
}

export async function show(id: string, api: Api): Promise<Output> {
  const detail = await api.get(`/messages/${encodeURIComponent(id)}`, MessageDetail);
  const { entry, events, message, transcript } = detail;
  const facts = [
    ["State", `${entry.state}${entry.reason === null ? "" : `: ${entry.reason}`}`],
    ["From", `${entry.from ?? ""} <${entry.mailFrom ?? ""}>`],
    ["To", entry.to],
    ["Subject", entry.subject ?? ""],
    ["Verdict", message?.auth?.header ?? describeVerdict(entry.verdict)],
    ["Routes", entry.routes.join(", ")],
    ...entry.deliveries.map(({ endpoint, state, attempts, status, reason }) => [
      `Webhook ${endpoint}`,
      `${state}, ${attempts} attempts${status === null ? "" : `, ${status}`}${reason === null ? "" : `: ${reason}`}`,
    ]),
  ];
  const timeline = events.map(({ at, stage, outcome, durationMs }) => [
    at.slice(11, 23),
    stage,
    outcome,
    `${Math.round(durationMs)} ms`,
  ]);
  const said = (transcript ?? []).map(({ at, by, text, isPipelined }) => [
    at.slice(11, 23),
    by === null ? "" : by === "client" ? "C:" : "S:",
    `${text}${isPipelined ? "  (pipelined)" : ""}`,
  ]);
  const known = facts.filter(([, value]) => value !== "");
  const parts = [table(known), table(timeline), table(said), message?.message.text?.trimEnd() ?? ""];
  return { json: detail, text: parts.filter((part) => part !== "").join("\n\n") };
}

const describeVerdict = (verdict: NumberedEntry["verdict"]) =>
  verdict === null
    ? ""
    : `spf=${verdict.spf}; dkim=${verdict.dkim}; dmarc=${verdict.dmarc}; arc=${verdict.arc}`;

/** Prints each entry as it comes, for ever. */
export async function tail(api: Api, print: (output: Output) => void): Promise<void> {
  for await (const line of api.lines("/events")) {
    if (!line.startsWith("data: ")) continue;
    const entry = NumberedEntry.parse(JSON.parse(line.slice("data: ".length)));
    print({ json: entry, text: table([rowOf(entry)]) });
  }
}

export interface ExplainOptions {
  readonly to: readonly string[];
  readonly from?: string;
  readonly remoteIp: string;
}

export async function explain(
  file: string,
  { to, from, remoteIp }: ExplainOptions,
  api: Api,
): Promise<Output> {
  const body = await readInput(file);
  const parameters = new URLSearchParams({
    to: to.join(","),
    remoteIp,
    ...(from === undefined ? {} : { from }),
  });
  const explained = await api.send("POST", `/explain?${parameters}`, { schema: Explanations, body });
  return { json: explained, text: explained.explanations.map(describe).join("\n\n") };
}

function describe({ recipient, decisions, routes }: Explanations["explanations"][number]): string {
  const decided = decisions.map(
    ({ kind, route, endpoints = [], reason }) =>
      `${kind} ${endpoints.length > 0 ? `to ${endpoints.join(", ")} ` : ""}by ${route ?? "no route"}${reason === undefined ? "" : `: ${reason}`}`,
  );
  const rows = routes.flatMap(({ route, verdict, isTaken, conditions }) => [
    [isTaken ? "*" : " ", route, verdict, ""],
    ...conditions.map((condition) => ["", "", condition.verdict, describeCondition(condition)]),
  ]);
  return `${recipient}: ${decided.join("; ")}\n${table(rows)}`;
}

function describeCondition({ condition, expected, seen, negated }: JudgedCondition): string {
  if (negated.length > 0) return `not (${negated.map(describeCondition).join(" and ")})`;
  return `${condition} asks for ${expected.join(" or ")}, saw ${seen === null ? "unknown" : seen.join(", ")}`;
}

const Replayed = z.object({ replayed: z.number() });

interface ReplayOptions {
  readonly endpoint?: string;
  readonly route?: string;
  readonly reason?: string;
  readonly since?: string;
  readonly until?: string;
}

/** Tells how much is done. */
type Tell = (done: number) => void;

/** One message, or, where there is no id, all that came since and until; tells of each of `replayParts` parts. */
export async function replay(
  id: string | undefined,
  options: ReplayOptions,
  api: Api,
  tell: Tell = () => undefined,
): Promise<Output> {
  const { since, until, ...order } = options;
  if ((id === undefined) === (since === undefined))
    throw new CommandError(exitCodes.usage, "name a message, or a time by --since");
  if (id !== undefined) {
    const path = `/messages/${encodeURIComponent(id)}/replay`;
    return { json: await api.send("POST", path, { schema: Replayed, body: order }), text: `replayed ${id}` };
  }
  let replayed = 0;
  for (let part = 1; part <= replayParts; part++) {
    replayed += (await api.send("POST", "/replay", { schema: Replayed, body: { ...options, part } }))
      .replayed;
    tell(part);
  }
  return { json: { replayed }, text: `replayed ${replayed}` };
}

const Redriven = z.object({ redriven: z.number() });

const redrivenAtOnce = 100;

/** All that are dead by now; tells of each hundred, of about as many as `begin` was given. */
export async function redrive(
  stage: string,
  api: Api,
  begin: (total: number) => Tell = () => () => undefined,
): Promise<Output> {
  const path = `/queues/${encodeURIComponent(stage)}/redrive`;
  const { queues } = await api.get("/status", Status);
  const tell = begin(queues.find((queue) => queue.stage === stage)?.deadLetters ?? 0);
  const body = { max: redrivenAtOnce, until: new Date().toISOString() };
  for (let redriven = 0; ; ) {
    const now = (await api.send("POST", path, { schema: Redriven, body })).redriven;
    redriven += now;
    tell(redriven);
    if (now < redrivenAtOnce) return { json: { redriven }, text: `redriven ${redriven}` };
  }
}
