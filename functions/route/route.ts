import * as z from "zod";
import type { Config } from "../mail/config.ts";
import { PermanentError } from "../mail/errors.ts";
import { type Decision, matchRecipient } from "../mail/match.ts";
import { ReplayOrder, type RoutedMessage, type RoutedRecipient, ValidatedMessage } from "../mail/messages.ts";

/** What the queue holds: a validated message, or one whose dead letter came back. */
export const RoutableMessage = ValidatedMessage.extend({
  /** Those still to be routed; absent, all of the envelope's. */
  recipients: z.array(z.string()).optional(),
  replay: ReplayOrder.nullable().optional(),
});
export type RoutableMessage = z.infer<typeof RoutableMessage>;

/** Recipients for whom one route decided the same. */
export interface RoutedAside {
  /** Null where none matches. */
  readonly route: string | null;
  readonly reason: string;
  readonly recipients: readonly string[];
}

/** What becomes of a message; every recipient stands in it at least once. */
export interface RouteOutcome {
  /** One for each endpoint. */
  readonly deliveries: readonly RoutedMessage[];
  readonly drops: readonly RoutedAside[];
  readonly quarantines: readonly RoutedAside[];
  /** Accepted, yet no route takes them. */
  readonly unrouted: readonly RoutedAside[];
}

/**
 * Decides for each recipient where its mail goes. A replay that is only for a route or an endpoint has those deliveries
 * and nothing else: all the rest was decided the first time.
 */
export function route(routable: RoutableMessage, config: Config): RouteOutcome {
  const { recipients, replay: order = null, ...message } = routable;
  const addresses = recipients ?? message.envelope.rcptTo;
  if (addresses.length === 0) throw new PermanentError("no recipients: the message would vanish");
  const decided = [...new Set(addresses)].flatMap((recipient) =>
    matchRecipient(recipient, message, config).map((decision) => ({ recipient, decision })),
  );
  const { id, version, receivedAt } = message;
  const replay = order && { at: order.at, reason: order.reason };
  const deliveries = byEndpoint(decided, order).map(([endpoint, routed]) => ({
    version,
    id,
    receivedAt,
    endpoint,
    recipients: routed,
    replay,
    message,
  }));
  if (order?.route !== undefined || order?.endpoint !== undefined)
    return { deliveries, drops: [], quarantines: [], unrouted: [] };
  return {
    deliveries,
    drops: groups(decided, "drop"),
    quarantines: groups(decided, "quarantine"),
    unrouted: groups(decided, "unrouted"),
  };
}

interface Decided {
  readonly recipient: string;
  readonly decision: Decision;
}

/** A recipient that reaches an endpoint by two routes stands there twice, once for each. */
function byEndpoint(decided: readonly Decided[], order: ReplayOrder | null): [string, RoutedRecipient[]][] {
  const endpoints = new Map<string, RoutedRecipient[]>();
  for (const { recipient, decision } of decided) {
    if (decision.kind !== "deliver" || (order?.route ?? decision.route) !== decision.route) continue;
    const routed = { address: recipient, route: decision.route, captures: decision.captures };
    for (const endpoint of decision.endpoints) {
      endpoints.set(endpoint, [...(endpoints.get(endpoint) ?? []), routed]);
    }
  }
  return [...endpoints].filter(([endpoint]) => (order?.endpoint ?? endpoint) === endpoint);
}

function groups(decided: readonly Decided[], kind: Exclude<Decision["kind"], "deliver">): RoutedAside[] {
  const grouped = new Map<string, RoutedAside>();
  for (const { recipient, decision } of decided) {
    if (decision.kind === "deliver" || decision.kind !== kind) continue;
    const { route: name, reason } = decision;
    const key = `${name} ${reason}`;
    const recipients = [...(grouped.get(key)?.recipients ?? []), recipient];
    grouped.set(key, { route: name, reason, recipients });
  }
  return [...grouped.values()];
}
