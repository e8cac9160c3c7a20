import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { judgeAll, judgeConditions } from "../../functions/mail/condition.ts";
import type { Config, Route } from "../../functions/mail/config.ts";
import { factsOf, judgeRecipient, matchRecipient, rulesOf } from "../../functions/mail/match.ts";
import type { ValidatedMessage } from "../../functions/mail/messages.ts";
import { withRoutes } from "./config.ts";
import { attachment, validated } from "./message.ts";

const recipient = fc.constantFrom("*@example.com", "a@example.com", "a@b.test", "*");
const atRcpt = { recipient, remoteIp: fc.constantFrom("192.0.2.0/24", "10.0.0.0/8") };
const when = fc.record(
  { ...atRcpt, dmarc: fc.constantFrom("none", "fail"), hasAttachments: fc.boolean() },
  { requiredKeys: [] },
);
const routes = fc
  .array(
    fc.oneof(
      fc.record({ when, to: fc.constant("inbox"), continue: fc.boolean() }),
      fc.record({ when, quarantine: fc.constant("held") }),
      fc.record({ when: fc.record(atRcpt, { requiredKeys: [] }), reject: fc.constant("no") }),
    ),
    { maxLength: 5 },
  )
  .map((list) => list.map((route, index) => ({ name: `r${index}`, ...route })));
const last = { name: "last", when: { recipient: "z@z.test" }, to: "inbox" };

/** Every message that a client may still send after RCPT, as far as the conditions above can tell them apart. */
const messages: readonly ValidatedMessage[] = (["none", "fail"] as const).flatMap((result) =>
  [[], [attachment()]].map((attachments) =>
    validated({ attachments, auth: { dmarc: { result, policy: null, domain: null } } }),
  ),
);

/** RCPT by trying every message, where the program reasons with "unknown". */
function model(address: string, config: Config): string {
  const holds = ({ when: conditions = {} }: Route, message: ValidatedMessage) =>
    judgeAll(judgeConditions(conditions, factsOf(address, message, config))).verdict === "yes";
  const isFinal = (route: Route) => !("reject" in route) && !("to" in route && route.continue === true);
  const isNaming = (route: Route) => !("reject" in route) && route.when?.recipient !== undefined;
  const rules = rulesOf(config);
  const could = (route: Route) => messages.some((message) => holds(route, message));
  const must = (route: Route) => messages.every((message) => holds(route, message));
  const firstFinal = rules.findIndex((route) => isFinal(route) && isNaming(route) && could(route));
  const firstSure = rules.findIndex((route) => isFinal(route) && must(route));
  const reject = rules.findIndex((route) => "reject" in route && must(route));
  const isFirst = (index: number) => index < 0 || reject < index;
  if (reject >= 0 && isFirst(firstFinal) && isFirst(firstSure)) return "reject";
  return rules.some((route) => isNaming(route) && could(route)) ? "accept" : "unknown";
}

test("RCPT answers as if it had tried every message that may come", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(routes, fc.constantFrom("a@example.com", "c@example.com", "a@b.test"), (list, address) => {
      const config = withRoutes(...list, last);
      const { mailFrom, remoteIp } = validated().envelope;
      const { kind } = judgeRecipient({ recipient: address, mailFrom, remoteIp, isTls: false }, config);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      assert.equal(kind, model(address, config));
    }),
    { numRuns: 1500 },
  );
  assert.deepEqual([...seen.keys()].sort(), ["accept", "reject", "unknown"]);
});

test("every recipient is decided, and one that RCPT does not know by no route that names recipients", () => {
  fc.assert(
    fc.property(routes, fc.constantFrom("a@example.com", "a@b.test"), (list, address) => {
      const config = withRoutes(...list, last);
      const { mailFrom, remoteIp } = validated().envelope;
      const { kind } = judgeRecipient({ recipient: address, mailFrom, remoteIp, isTls: false }, config);
      for (const message of messages) {
        const decisions = matchRecipient(address, message, config);
        assert.notEqual(decisions.length, 0);
        const naming = decisions.filter(
          (decision) =>
            decision.kind !== "unrouted" &&
            rulesOf(config).some(
              ({ name, when }) => name === decision.route && when?.recipient !== undefined,
            ),
        );
        if (kind === "unknown") assert.deepEqual(naming, []);
      }
    }),
    { numRuns: 1000 },
  );
});
