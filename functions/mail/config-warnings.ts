/** What stands in a config without a chance to act, or acts otherwise than it looks. Only what is certain is said. */
import { compileAddressPattern } from "./address-pattern.ts";
import type { Config, Route } from "./config.ts";
import { matchPattern, type Pattern } from "./pattern.ts";

/** One sentence for each; a config with warnings is in force all the same. */
export function configWarnings(config: Config): string[] {
  const others = [...impossibleConditions(config), ...unusedEndpoints(config)];
  const count = config.routes.reduce((sum, route) => sum + patternsOf(route).length, 0);
  if (count > comparedPatternsMax) return [...others, `${count} recipient patterns: too many to compare`];
  return [...shadowedRoutes(config), ...openEnds(config), ...others];
}

/** Each pattern is compared with all before it. */
export const comparedPatternsMax = 3000;

/** Routes that no mail reaches, because earlier ones take every recipient they name. */
function shadowedRoutes({ routes }: Config): string[] {
  return routes.flatMap((route, index) => {
    const takers = routes.slice(0, index).filter((taker) => isFinal(taker) && asksForRecipientAlone(taker));
    const shadows = patternsOf(route).map((pattern) =>
      takers.find(
        (taker) => canShadow(taker, route) && patternsOf(taker).some((taken) => covers(taken, pattern)),
      ),
    );
    if (shadows.includes(undefined)) return [];
    const names = new Set(shadows.map((taker) => JSON.stringify(taker?.name)));
    return [
      `${show(route, index)} never matches: ${[...names].join(" and ")} before it takes all it asks for`,
    ];
  });
}

/** A reject spares postmaster, so it does not end everything. */
const isFinal = (route: Route) => !("reject" in route) && !("to" in route && route.continue === true);

const asksForRecipientAlone = ({ when = {} }: Route) =>
  Object.entries(when).every(([name, value]) => name === "recipient" || value === undefined);

const patternsOf = ({ when }: Route) => when?.recipient ?? ["*"];

/** Behind a route that admits nobody, one that names recipients still admits them. */
const canShadow = (taker: Route, route: Route) =>
  taker.when?.recipient !== undefined || route.when?.recipient === undefined || "reject" in route;

function impossibleConditions({ routes, limits, validate }: Config): string[] {
  return routes.flatMap((route, index) => {
    const { minSize = 0, maxSize = Number.POSITIVE_INFINITY, dmarc } = contentOf(route);
    const never = (why: string) => `${show(route, index)} never matches: ${why}`;
    return [
      ...(minSize > maxSize ? [never(`no size is at least ${minSize} and at most ${maxSize}`)] : []),
      ...(minSize > limits.messageMaxSizeBytes
        ? [never(`no mail is larger than limits.messageMaxSizeBytes, ${limits.messageMaxSizeBytes}`)]
        : []),
      ...(dmarc?.every((result) => result === "arc") === true && validate.trustedArcSealers.length === 0
        ? [never("dmarc is arc only where validate.trustedArcSealers names someone")]
        : []),
    ];
  });
}

const contentOf = (route: Route) => ("reject" in route ? {} : (route.when ?? {}));

/** Recipients that RCPT takes for a route that also asks for what only the message tells. */
function openEnds({ routes }: Config): string[] {
  const catchers = routes.filter((route) => !("reject" in route) && asksForRecipientAlone(route));
  return routes.flatMap((route, index) => {
    if ("reject" in route || !asksForContent(route)) return [];
    return (route.when?.recipient ?? [])
      .filter(
        (pattern) => !catchers.some((catcher) => patternsOf(catcher).some((wide) => covers(wide, pattern))),
      )
      .map(
        (pattern) =>
          `${show(route, index)} admits ${pattern}, and its mail that fails the other conditions has no route: ` +
          "it becomes a dead letter; add a last route for that recipient",
      );
  });
}

const knownAtRcpt = ["recipient", "mailFrom", "remoteIp", "tls"];

function asksForContent({ when: { not = {}, ...when } = {} }: Exclude<Route, { reject: string }>): boolean {
  return [...Object.entries(when), ...Object.entries(not)].some(
    ([name, value]) => value !== undefined && !knownAtRcpt.includes(name),
  );
}

function unusedEndpoints({ endpoints, postmaster, routes }: Config): string[] {
  const used = new Set([...postmaster, ...routes.flatMap((route) => ("to" in route ? route.to : []))]);
  return Object.keys(endpoints)
    .filter((name) => !used.has(name))
    .map((name) => `endpoints.${name} gets no mail: no route names it`);
}

/** True when every address that the second matches, the first matches too; false where that is not plain to see. */
export function covers(wide: string, narrow: string): boolean {
  const [outer, inner] = [compileAddressPattern(wide), compileAddressPattern(narrow)];
  if (outer?.kind === "any") return true;
  if (outer?.kind !== "mailbox" || inner?.kind !== "mailbox") return false;
  return coversSide(outer.localPart, inner.localPart) && coversSide(outer.domain, inner.domain);
}

function coversSide(outer: Pattern, inner: Pattern): boolean {
  if (outer.wildcards.length === 1 && outer.wildcards[0] === null && outer.literals.join("") === "")
    return true;
  if (inner.wildcards.length === 0) return matchPattern(outer, inner.literals.join("")) !== null;
  return (
    outer.wildcards.length === inner.wildcards.length &&
    outer.literals.every((literal, index) => literal === inner.literals[index]) &&
    outer.wildcards.every((name, index) => name === null || inner.wildcards[index] !== null)
  );
}

const show = ({ name }: Route, index: number) => `routes[${index}] ${JSON.stringify(name)}`;
