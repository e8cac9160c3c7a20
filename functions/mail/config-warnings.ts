/** What stands in a config without a chance to act, or acts otherwise than it looks. Only what is certain is said. */
import { type AddressPattern, matchAddress, parseAddressPattern } from "./address-pattern.ts";
import type { Config, Route } from "./config.ts";
import type { Pattern } from "./pattern.ts";
import type { When } from "./when.ts";

/** One sentence for each; a config with warnings is in force all the same. */
export function configWarnings(config: Config): string[] {
  return [...shadowedRoutes(config), ...emptySizes(config), ...openEnds(config), ...unusedEndpoints(config)];
}

/** Routes that never match, because earlier ones take every recipient they name. */
function shadowedRoutes({ routes }: Config): string[] {
  const takers: { readonly name: string; readonly patterns: readonly string[] }[] = [];
  return routes.flatMap((route, index) => {
    const patterns = route.when?.recipient ?? ["*"];
    const shadows = patterns.map((pattern) =>
      takers.find((taker) => taker.patterns.some((taken) => covers(taken, pattern))),
    );
    const names = new Set(shadows.flatMap((shadow) => (shadow === undefined ? [] : [shadow.name])));
    if (takesAll(route)) takers.push({ name: route.name, patterns });
    if (shadows.includes(undefined)) return [];
    const before = [...names].map((name) => JSON.stringify(name)).join(" and ");
    return [`routes[${index}] "${route.name}" never matches: ${before} before it takes all that it asks for`];
  });
}

/** True when nothing but the recipient decides, and no later route is tried. A reject is not: it spares postmaster. */
const takesAll = (route: Route) =>
  !("reject" in route) && !("to" in route && route.continue === true) && !asksForMore(route.when ?? {});

const asksForMore = (when: When) => Object.entries(when).some(([name, value]) => name !== "recipient" && value !== undefined);

/** True when every address that the second matches, the first matches too; false where that is not plain to see. */
export function covers(wide: string, narrow: string): boolean {
  const [outer, inner] = [readPattern(wide), readPattern(narrow)];
  if (outer?.kind === "any") return true;
  if (outer?.kind !== "mailbox" || inner?.kind !== "mailbox") return false;
  return coversSide(outer.localPart, inner.localPart) && coversSide(outer.domain, inner.domain);
}

function readPattern(text: string): AddressPattern | null {
  const parsed = parseAddressPattern(text);
  return parsed.kind === "pattern" ? parsed.pattern : null;
}
