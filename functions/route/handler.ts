import type { SqsHandler } from "../aws/consume.ts";
import { deadLetterAttributes } from "../aws/dead-letter.ts";
import { lambdaHandler } from "../aws/lambda.ts";
import { createStageHandler, type HandlerDeps, sendMessages } from "../aws/stage.ts";
import type { Config } from "../mail/config.ts";
import { quarantineKey } from "../mail/keys.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import { storeQuarantine } from "./quarantine.ts";
import { RoutableMessage, type RoutedAside, type RouteOutcome, route } from "./route.ts";

export interface RouteHandlerDeps extends HandlerDeps {
  readonly config: () => Promise<Config>;
}

export function createRouteHandler(deps: RouteHandlerDeps): SqsHandler {
  return createStageHandler(
    { stage: "route", schema: RoutableMessage },
    async (message) => {
      const startedMs = deps.now();
      const outcome = route(message, await deps.config());
      await settle(message, outcome, deps);
      const nowMs = deps.now();
      const event = { at: new Date(nowMs).toISOString(), stage: "route", id: message.id } as const;
      for (const decision of describe(message.id, outcome)) {
        deps.log({ ...event, ...decision, durationMs: nowMs - startedMs });
      }
      return { kind: "done" };
    },
    deps,
  );
}

export const handler = lambdaHandler(createRouteHandler);

/** Makes every decision durable. A throw on the way repeats them all, each to the same key or with the same body. */
async function settle(routable: RoutableMessage, outcome: RouteOutcome, deps: HandlerDeps): Promise<void> {
  const { recipients: _, replay: __, ...message } = routable;
  const { deliveries, quarantines, unrouted } = outcome;
  if (quarantines.length > 0) await storeQuarantine(message, quarantines, deps.store);
  if (deliveries.length > 0) {
    const messages = deliveries.map((body) => ({ body, groupId: body.endpoint }));
    await sendMessages("deliver", messages, deps);
  }
  if (unrouted.length > 0) {
    const body = { ...message, ...routeLater(routable, outcome) };
    await sendMessages(
      "route-dead",
      [{ body, attributes: deadLetterAttributes("route", why(unrouted)) }],
      deps,
    );
  }
}

/**
 * The dead letter asks for the recipients that are left alone, so that a redrive delivers nothing twice. Once others
 * were delivered it is a replay, a millisecond after the try before: an endpoint then sees a `webhook-id` that is new,
 * and the same however often this runs.
 */
function routeLater(
  { receivedAt, replay = null }: RoutableMessage,
  { deliveries, unrouted }: RouteOutcome,
): Pick<RoutableMessage, "recipients" | "replay"> {
  const recipients = unrouted.flatMap((left) => left.recipients);
  if (deliveries.length === 0) return { recipients, replay };
  const at = new Date(Date.parse(replay?.at ?? receivedAt) + 1).toISOString();
  return { recipients, replay: { at, reason: "no route took these recipients at first" } };
}

const why = (unrouted: readonly RoutedAside[]) =>
  unrouted
    .map(
      ({ route, reason, recipients }) =>
        `${route === null ? "" : `${route}: `}${reason}: ${list(recipients)}`,
    )
    .join("; ");

type Decision = Pick<StageEvent, "outcome" | "detail">;

/** One event for each decision, so that what was accepted can be counted out again. */
function describe(id: string, { deliveries, drops, quarantines, unrouted }: RouteOutcome): Decision[] {
  const aside = ({ route, reason, recipients }: RoutedAside) => ({
    route,
    reason,
    recipients: list(recipients),
    recipientCount: recipients.length,
  });
  return [
    ...deliveries.map(({ endpoint, recipients, replay }) => ({
      outcome: "routed",
      detail: {
        endpoint,
        route: list(recipients.map(({ route }) => route)),
        recipients: list(recipients.map(({ address }) => address)),
        recipientCount: new Set(recipients.map(({ address }) => address)).size,
        isReplay: replay !== null,
        ...(replay === null ? {} : { replayAt: replay.at }),
      },
    })),
    ...drops.map((drop) => ({ outcome: "dropped", detail: aside(drop) })),
    ...quarantines.map((held) => ({
      outcome: "quarantined",
      detail: { ...aside(held), key: quarantineKey(id) },
    })),
    ...unrouted.map((left) => ({ outcome: "unrouted", detail: aside(left) })),
  ];
}

const listedMax = 10;

/** Each once, the first few. */
function list(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  const rest = distinct.length - listedMax;
  return distinct.slice(0, listedMax).join(", ") + (rest > 0 ? `, and ${rest} more` : "");
}
