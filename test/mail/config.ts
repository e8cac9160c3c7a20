import type { Config } from "../../functions/mail/config.ts";
import { ConfigError, parseConfig } from "../../functions/mail/config.ts";

/** The smallest config that stands, with the differences laid over it. */
export const written = (differences: object = {}) => ({
  hostname: "mx.example.com",
  endpoints: { inbox: { sink: true }, helpdesk: { url: "https://app.example.com/hook" } },
  routes: [{ name: "rest", when: { recipient: "*@example.com" }, to: "inbox" }],
  ...differences,
});

/** A config with these routes. */
export const withRoutes = (...routes: readonly object[]): Config => parseConfig(written({ routes }));

/** What is wrong with it; none when it stands. */
export function problemsOf(value: unknown): readonly string[] {
  try {
    parseConfig(value);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
