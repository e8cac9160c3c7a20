import assert from "node:assert/strict";
import { test } from "node:test";
import { type RoutableMessage, type RouteOutcome, route } from "../../functions/route/route.ts";
import { id, validated } from "../mail/message.ts";
import { config } from "./config.ts";

const plain = { message: { subject: "Hello" } };
const to = (...rcptTo: string[]) => validated({ ...plain, envelope: { rcptTo } });
const failed = { dmarc: { result: "fail", policy: "reject", domain: "example.org" } } as const;
const bank = validated({ ...plain, envelope: { rcptTo: ["bank@example.com"] }, auth: failed });
const replay = { at: "2026-02-02T00:00:00.000Z", reason: "asked for" };

/** The outcome, a line for each decision. */
function show({ deliveries, drops, quarantines, unrouted }: RouteOutcome): string[] {
  const aside = (kind: string) => (group: RouteOutcome["drops"][number]) =>
    `${kind} by ${group.route} (${group.reason}): ${group.recipients.join(" ")}`;
  return [
    ...deliveries.map(({ endpoint, recipients }) => {
      const each = recipients.map(({ address, route: name, captures }) => [
        address,
        name,
        ...Object.values(captures),
      ]);
      return `${endpoint}: ${each.map((words) => words.join("/")).join(" ")}`;
    }),
    ...drops.map(aside("dropped")),
    ...quarantines.map(aside("quarantined")),
    ...unrouted.map(aside("unrouted")),
  ];
}

const none = "unrouted by null (no route matches)";

const rows: readonly (readonly [string, RoutableMessage, readonly string[]])[] = [
  [
    "one endpoint gets one delivery for all its recipients",
    to("a@example.com", "b@example.com"),
    ["inbox: a@example.com/rest b@example.com/rest"],
  ],
  [
    "each endpoint gets its own",
    to("a@example.com", "r+7@example.com"),
    [
      "inbox: a@example.com/rest",
      "helpdesk: r+7@example.com/replies/7",
      "archive: r+7@example.com/replies/7",
    ],
  ],
  [
    "one that reaches an endpoint by two routes stands there with both",
    validated({ envelope: { rcptTo: ["r+7@example.com"] } }),
    ["archive: r+7@example.com/copy r+7@example.com/replies/7", "helpdesk: r+7@example.com/replies/7"],
  ],
  ["one that RCPT named twice is one", to("a@example.com", "a@example.com"), ["inbox: a@example.com/rest"]],
  ["an address stays as it was written", to("A@Example.com"), ["inbox: A@Example.com/rest"]],
  ["a drop is recorded", to("loop@example.com"), ["dropped by loops (a loop): loop@example.com"]],
  ["a quarantine is", bank, ["quarantined by spoofed (DMARC failed): bank@example.com"]],
  ["what no route takes is", to("files@example.com"), [`${none}: files@example.com`]],
  [
    "each recipient has its own fate",
    to("loop@example.com", "a@example.com", "files@example.com", "images@example.com"),
    [
      "inbox: a@example.com/rest",
      "dropped by loops (a loop): loop@example.com",
      `${none}: files@example.com images@example.com`,
    ],
  ],
  ["postmaster is never without a route", to("Postmaster"), ["inbox: Postmaster/postmaster"]],
  [
    "a dead letter that came back is for those it names",
    { ...to("a@example.com", "b@example.com"), recipients: ["b@example.com"] },
    ["inbox: b@example.com/rest"],
  ],
];

for (const [sentence, message, expected] of rows) {
  test(sentence, () => assert.deepEqual(show(route(message, config)), expected));
}

test("a delivery carries the message's identity, whole, and no more", () => {
  const message = to("a@example.com");
  assert.deepEqual(route(message, config).deliveries, [
    {
      version: 1,
      id,
      receivedAt: message.receivedAt,
      endpoint: "inbox",
      recipients: [{ address: "a@example.com", route: "rest", captures: {} }],
      replay: null,
      message,
    },
  ]);
});

const rplus = to("r+7@example.com", "a@example.com", "loop@example.com", "files@example.com");
const orderRows: readonly (readonly [string, { route?: string; endpoint?: string }, readonly string[]])[] = [
  [
    "for a route has the deliveries by that route alone",
    { route: "replies" },
    ["helpdesk: r+7@example.com/replies/7", "archive: r+7@example.com/replies/7"],
  ],
  [
    "for an endpoint has the one to it alone",
    { endpoint: "archive" },
    ["archive: r+7@example.com/replies/7"],
  ],
  [
    "for both has what is of both",
    { route: "replies", endpoint: "helpdesk" },
    ["helpdesk: r+7@example.com/replies/7"],
  ],
  ["for a route that took nothing has nothing", { route: "images" }, []],
  ["for no one in particular has everything", {}, show(route(rplus, config))],
];

for (const [sentence, order, expected] of orderRows)
  test(`a replay ${sentence}`, () => {
    const outcome = route({ ...rplus, replay: { ...replay, ...order } }, config);
    assert.deepEqual(show(outcome), expected);
    for (const delivery of outcome.deliveries) assert.deepEqual(delivery.replay, replay);
  });

test("a replay stays one", () => {
  const message = to("a@example.com");
  const [delivery] = route({ ...message, recipients: ["a@example.com"], replay }, config).deliveries;
  assert.deepEqual(delivery?.replay, replay);
  assert.deepEqual(delivery?.message, message);
});

test("a message for nobody would vanish, so it is refused", () => {
  assert.throws(() => route(to(), config), {
    name: "PermanentError",
    message: "no recipients: the message would vanish",
  });
});
