/** Which route takes a recipient: asked at RCPT with what is known then, and again with the whole message. */
import { type Captures, compileAddressPattern, matchAddress, parseMailbox } from "./address-pattern.ts";
import { type Facts, judgeAll, judgeConditions } from "./condition.ts";
import type { Config, Route } from "./config.ts";
import { postmasterRoute } from "./config-problems.ts";
import type { ValidatedMessage } from "./messages.ts";
import { matchPattern } from "./pattern.ts";

/** What is known when RCPT is answered. */
export type RecipientFacts = Omit<Facts, "message">;

export type RecipientVerdict =
  | { readonly kind: "accept" }
  | { readonly kind: "reject"; readonly text: string }
  /** No mailbox here (550 5.1.1). */
  | { readonly kind: "unknown" };

/** What becomes of a message for one recipient. */
export type Decision =
  | {
      readonly kind: "deliver";
      readonly route: string;
      readonly endpoints: readonly string[];
      readonly captures: Captures;
    }
  | { readonly kind: "drop"; readonly route: string; readonly reason: string }
  | { readonly kind: "quarantine"; readonly route: string; readonly reason: string }
  /** Accepted, yet no route takes it: a dead letter, never silence. The route is the one that refuses; null: none matches. */
  | { readonly kind: "unrouted"; readonly route: string | null; readonly reason: string };

/**
 * A recipient is known when a route that names recipients could take its mail; a route that names none refines what is
 * accepted and admits nobody. A `reject` answers where it surely matches, and none before it takes or could admit.
 */
export function judgeRecipient(given: RecipientFacts, config: Config): RecipientVerdict {
  const facts = { ...given, recipient: fullRecipient(given.recipient, config), message: null };
  const isPostmaster = isServedPostmaster(facts.recipient, config);
  let isAdmitted = false;
  let isTaken = false;
  for (const route of rulesOf(config)) {
    const { verdict } = judgeAll(judgeConditions(route.when ?? {}, facts));
    if (verdict === "no") continue;
    if ("reject" in route) {
      if (verdict === "yes" && !isTaken && !isPostmaster) return { kind: "reject", text: route.reject };
      continue;
    }
    const isFinal = !isContinued(route);
    if (route.when?.recipient !== undefined) {
      if (isFinal) return { kind: "accept" };
      isAdmitted = true;
    }
    if (verdict === "yes" && isFinal) isTaken = true;
  }
  return { kind: isAdmitted ? "accept" : "unknown" };
}

/** What the routes decide for one recipient of a whole message: never empty, and several only by `continue`. */
export function matchRecipient(
  recipient: string,
  message: ValidatedMessage,
  config: Config,
): readonly Decision[] {
  const facts = factsOf(recipient, message, config);
  const isPostmaster = isServedPostmaster(facts.recipient, config);
  const decisions: Decision[] = [];
  for (const route of rulesOf(config)) {
    if ("reject" in route && isPostmaster) continue;
    const { verdict, captures } = judgeAll(judgeConditions(route.when ?? {}, facts));
    if (verdict !== "yes") continue;
    const decision = decide(route, captures);
    // A reject comes too late here: what an earlier `continue` decided stands, and else the mail must not vanish.
    if (decision.kind !== "unrouted" || decisions.length === 0) decisions.push(decision);
    if (!isContinued(route)) return decisions;
  }
  return decisions.length > 0 ? decisions : [{ kind: "unrouted", route: null, reason: "no route matches" }];
}

/** All that is known of a message for one of its recipients. */
export function factsOf(recipient: string, message: ValidatedMessage, config: Config): Facts {
  const { mailFrom, remoteIp, tls } = message.envelope;
  return { recipient: fullRecipient(recipient, config), mailFrom, remoteIp, isTls: tls !== null, message };
}

/** The config's routes and, last, the built-in one that takes mail to postmaster. */
export function rulesOf(config: Config): readonly Route[] {
  const known = rulesByConfig.get(config);
  if (known !== undefined) return known;
  const recipient = [...servedDomains(config)].map((domain) => `${postmasterRoute}@${domain}`);
  const rules = [...config.routes, { name: postmasterRoute, when: { recipient }, to: config.postmaster }];
  rulesByConfig.set(config, rules);
  return rules;
}

/** True for the host's name and each domain that a route takes mail for; a pattern for every domain makes none one's own. */
export function isOwnDomain(
  name: string,
  { hostname, routes }: Pick<Config, "hostname" | "routes">,
): boolean {
  const { domain } = parseMailbox(`@${name}`);
  if (domain === hostname.toLowerCase()) return true;
  return routes.some((route) =>
    ("reject" in route ? [] : (route.when?.recipient ?? [])).some((text) => {
      const pattern = compileAddressPattern(text);
      if (pattern?.kind !== "mailbox" || pattern.domain.literals.join("") === "") return false;
      return matchPattern(pattern.domain, domain) !== null;
    }),
  );
}

/** Bare `Postmaster`, in any case, is this host's (RFC 5321 §4.1.1.3). */
const fullRecipient = (recipient: string, { hostname }: Config) =>
  recipient.toLowerCase() === postmasterRoute ? `${recipient}@${hostname}` : recipient;

const rulesByConfig = new WeakMap<Config, readonly Route[]>();

/** The domains that must have a postmaster (RFC 5321 §4.5.1): the host's own, and each that a route spells out. */
export function servedDomains({ hostname, routes }: Pick<Config, "hostname" | "routes">): Set<string> {
  const patterns = routes.flatMap((route) => ("reject" in route ? [] : (route.when?.recipient ?? [])));
  const domains = patterns.flatMap((text) => {
    const pattern = compileAddressPattern(text);
    if (pattern?.kind !== "mailbox") return [];
    const { literals, wildcards } = pattern.domain;
    return wildcards.length === 0 ? literals : [];
  });
  return new Set([hostname.toLowerCase(), ...domains]);
}

/** Postmaster must be reachable (RFC 5321 §4.5.1), so no `reject` answers for it. */
function isServedPostmaster(recipient: string, config: Config): boolean {
  if (parseMailbox(recipient).localPart.toLowerCase() !== postmasterRoute) return false;
  const patterns = rulesOf(config).at(-1)?.when?.recipient ?? [];
  return patterns.some((pattern) => matchAddress(pattern, recipient) !== null);
}

const isContinued = (route: Route) => "to" in route && route.continue === true;

function decide(route: Route, captures: Captures): Decision {
  if ("to" in route) return { kind: "deliver", route: route.name, endpoints: route.to, captures };
  if ("drop" in route) return { kind: "drop", route: route.name, reason: route.drop };
  if ("quarantine" in route) return { kind: "quarantine", route: route.name, reason: route.quarantine };
  return { kind: "unrouted", route: route.name, reason: "a reject comes too late for accepted mail" };
}
