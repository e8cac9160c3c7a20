import { Resolver } from "node:dns/promises";
import type { Clock, Resolve } from "../mail/ports.ts";

export interface ResolverOptions {
  /** For one question, tries included. */
  readonly timeoutMs?: number;
  readonly tries?: number;
  /** As `host:port`; by default those of the system. */
  readonly servers?: readonly string[];
  /** How long an answer serves, "no such name" included: DNS says it, c-ares does not pass it on for every type. */
  readonly cacheMaxAgeMs?: number;
  readonly cacheMaxEntries?: number;
  readonly now: Clock;
}

/** Longer answers are not kept, so that the cache stays below `cacheMaxEntries` times this. */
const cacheAnswerMaxLength = 4_096;

interface CacheEntry {
  readonly expiresAtMs: number;
  readonly answer: Promise<unknown[]>;
}

/**
 * Asks DNS with a deadline. Equal questions at the same time are asked once; answers are kept, failures are not.
 * c-ares asks again over TCP where an answer comes truncated.
 */
export function createResolver(options: ResolverOptions): Resolve {
  const { timeoutMs = 4_000, cacheMaxAgeMs = 30_000, cacheMaxEntries = 1_000, now } = options;
  const ask = createQuestioner({ ...options, timeoutMs });
  const cache = new Map<string, CacheEntry>();

  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const cached = cache.get(key);
    if (cached !== undefined && now() < cached.expiresAtMs) return cached.answer;
    const answer = ask(name, type);
    const entry = { expiresAtMs: now() + cacheMaxAgeMs, answer };
    cache.delete(key);
    cache.set(key, entry);
    const [oldest] = cache.keys();
    if (cache.size > cacheMaxEntries && oldest !== undefined) cache.delete(oldest);
    const forget = () => {
      if (cache.get(key) === entry) cache.delete(key);
    };
    answer.then(
      (records) => JSON.stringify(records).length > cacheAnswerMaxLength && forget(),
      (error) => isTemporary(error) && forget(),
    );
    return answer;
  };
}

function createQuestioner({
  timeoutMs,
  tries = 2,
  servers,
}: ResolverOptions & { readonly timeoutMs: number }): Resolve {
  const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / tries), tries });
  if (servers !== undefined) resolver.setServers(servers);
  return async (name, type) => {
    const timer = Promise.withResolvers<never>();
    // c-ares doubles its timeout for each try and each server: this is the bound that holds.
    const timeout = setTimeout(() => timer.reject(timeoutError(name)), timeoutMs);
    try {
      return [await Promise.race([resolver.resolve(name, type), timer.promise])].flat();
    } finally {
      clearTimeout(timeout);
    }
  };
}

const timeoutError = (name: string) =>
  Object.assign(new Error(`DNS: no answer in time for ${name}`), { code: "ETIMEOUT" });

/** What DNS says for good: no such name, no such record, not a name. All else may pass. */
const lastingCodes: ReadonlySet<unknown> = new Set(["ENOTFOUND", "ENODATA", "EBADNAME"]);

/** True for a failure to answer, as against the answer that there is nothing. */
export const isTemporary = (error: unknown) =>
  !(error instanceof Error && "code" in error && lastingCodes.has(error.code));

/** One message's share of DNS: when `budgetMs` are spent, every further question fails at once. */
export class DnsBudget {
  didFail = false;
  readonly resolve: Resolve;

  constructor(resolve: Resolve, budgetMs: number, now: Clock) {
    const deadlineMs = now() + budgetMs;
    this.resolve = async (name, type) => {
      try {
        if (now() >= deadlineMs) throw timeoutError(name);
        return await resolve(name, type);
      } catch (error) {
        this.didFail ||= isTemporary(error);
        throw error;
      }
    };
  }
}
