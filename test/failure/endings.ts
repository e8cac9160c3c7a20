/** Recipients for every way in which mail can end, and what to see of each when it has. */
import { type Config, parseConfig } from "../../functions/mail/config.ts";
import type { PostResult } from "../../functions/mail/ports.ts";

export const ownQueue = "arn:aws:sqs:eu-west-1:111122223333:billing";
const ownBus = "arn:aws:events:eu-west-1:111122223333:event-bus/mail";

const domain = "example.com";
const when = (recipient: string) => ({ name: recipient, when: { recipient: `${recipient}@${domain}` } });

const endpoints = {
  app: { url: "https://app.test/" },
  late: { url: "https://late.test/" },
  gone: { url: "https://gone.test/" },
  never: { url: "https://never.test/" },
  queue: { queue: ownQueue },
  bus: { bus: ownBus },
};

const routes = [
  { ...when("app"), to: ["app"] },
  { ...when("both"), to: ["app", "late"] },
  { ...when("queue"), to: ["queue"] },
  { ...when("bus"), to: ["bus"] },
  { ...when("gone"), to: ["gone"] },
  { ...when("never"), to: ["never"] },
  { ...when("drop"), drop: "nobody reads it" },
  { ...when("held"), quarantine: "to be looked at" },
];

/** In force while stages run. */
export const routing: Config = parseConfig({ hostname: `mx.${domain}`, endpoints, routes });

/** In force while mail comes in: it has a route that is gone when the mail is routed. */
export const accepting: Config = parseConfig({
  hostname: `mx.${domain}`,
  endpoints,
  routes: [...routes, { ...when("moved"), to: ["app"] }],
  smtp: { greetingDelayMs: 0 },
});

const endings = {
  app: ["delivered app"],
  both: ["delivered app", "delivered late"],
  queue: ["delivered queue"],
  bus: ["delivered bus"],
  gone: ["dead gone"],
  never: ["dead never"],
  drop: ["dropped"],
  held: ["quarantined"],
  moved: ["dead"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Ending = (typeof endings)[keyof typeof endings][number];

const all = new Map<string, readonly Ending[]>(Object.entries(endings));

/** Some of them. An endpoint that never answers is rare, since it costs thirteen attempts. */
export function drawRecipients(random: () => number): readonly string[] {
  const drawn = [...all.keys()].filter((name) => random() < (name === "never" ? 0.01 : 0.15));
  return (drawn.length === 0 ? ["app"] : drawn).map((name) => `${name}@${domain}`);
}

/** What must have become of a message to these. */
export const endingsOf = (rcptTo: readonly string[]): readonly Ending[] => [
  ...new Set(rcptTo.flatMap((recipient) => all.get(recipient.split("@")[0] ?? "") ?? [])),
];

const answer = (status: number): PostResult => ({ kind: "answer", status, retryAfter: null, excerpt: "" });

/** What an endpoint answers when it has been asked so often for one delivery. */
export function answerOf(endpoint: string, asked: number): PostResult {
  switch (endpoint) {
    case "gone":
      return answer(410);
    case "never":
      return answer(500);
    case "late":
      return answer(asked > 3 ? 204 : 503);
    default:
      return answer(204);
  }
}
