import type { JudgedCondition } from "../../functions/mail/condition.ts";
import type { Explanation } from "../../functions/mail/explain.ts";

/** `condition expected ? seen = verdict` */
function show({ condition, expected, seen, verdict, captures, negated }: JudgedCondition): string {
  if (negated.length > 0) return `not (${negated.map(show).join(", ")}) = ${verdict}`;
  const got = Object.entries(captures).map(([name, value]) => ` ${name}=${value}`);
  return `${condition} ${expected.join("|")} ? ${seen === null ? "-" : seen.join("|")} = ${verdict}${got.join("")}`;
}

/** A line for each route, and one for each of its conditions. */
export const explained = ({ routes }: Explanation): string[] =>
  routes.flatMap(({ route, verdict, isTaken, conditions }) => [
    `${route}: ${verdict}${isTaken ? ", taken" : ""}`,
    ...conditions.map((condition) => `  ${show(condition)}`),
  ]);
