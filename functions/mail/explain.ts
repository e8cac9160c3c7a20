/** Why a message goes where it goes: every route, every condition, the value asked for, the value seen, the verdict. */
import { type JudgedCondition, judgeAll, judgeConditions, type Verdict } from "./condition.ts";
import type { Config } from "./config.ts";
import { type Decision, factsOf, matchRecipient, rulesOf } from "./match.ts";
import type { ValidatedMessage } from "./messages.ts";

export interface ExplainedRoute {
  readonly route: string;
  readonly verdict: Verdict;
  /** It decided something; a route that matches may stand behind one that did. */
  readonly isTaken: boolean;
  readonly conditions: readonly JudgedCondition[];
}

export interface Explanation {
  readonly recipient: string;
  readonly decisions: readonly Decision[];
  readonly routes: readonly ExplainedRoute[];
}

/** One explanation for each recipient. */
export function explain(message: ValidatedMessage, config: Config): readonly Explanation[] {
  return message.envelope.rcptTo.map((recipient) => {
    const facts = factsOf(recipient, message, config);
    const decisions = matchRecipient(recipient, message, config);
    const taken = new Set(decisions.map(({ route }) => route));
    const routes = rulesOf(config).map((route) => {
      const conditions = [...judgeConditions(route.when ?? {}, facts)];
      return {
        route: route.name,
        verdict: judgeAll(conditions).verdict,
        isTaken: taken.has(route.name),
        conditions,
      };
    });
    return { recipient, decisions, routes };
  });
}
