import * as z from "zod";

/** A number of a config, and what it is when left out. */
export function wholeNumber(fallback: number, lowest: number, highest: number) {
  const rule = `write a whole number from ${lowest} to ${highest}`;
  return z.number(rule).int(rule).min(lowest, rule).max(highest, rule).default(fallback);
}
