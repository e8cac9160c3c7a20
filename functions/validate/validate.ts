import type { Config } from "../mail/config.ts";
import { PermanentError } from "../mail/errors.ts";
import { servedDomains } from "../mail/match.ts";
import type { ParsedMessage, RawObject, ValidatedMessage } from "../mail/messages.ts";
import type { Clock, ObjectStore, Resolve } from "../mail/ports.ts";
import { authenticate } from "./authenticate.ts";
import { DnsBudget } from "./dns.ts";
import { findDuplicate } from "./duplicate.ts";
import { findForgedResults } from "./forgery.ts";
import { findOddities } from "./oddities.ts";
import { hasTemporaryFailure, judgeAuthentication, warningsOf } from "./verdict.ts";
import { warn } from "./warnings.ts";

export interface ValidateDeps {
  readonly store: ObjectStore;
  readonly resolve: Resolve;
  readonly config: ValidateConfig;
  readonly now: Clock;
  /** All of one message's questions. */
  readonly dnsBudgetMs: number;
}

/** The host's name, under which verdicts are written; the routes, which tell the domains that are one's own. */
export type ValidateConfig = Pick<Config, "hostname" | "routes" | "validate">;

export interface Validated {
  readonly message: ValidatedMessage;
  /** DNS did not answer, and the verdict may be another when it does. */
  readonly isTemporary: boolean;
}

/** Authenticates one message. It never changes, and never loses, what it was given. */
export async function validate(message: ParsedMessage, deps: ValidateDeps): Promise<Validated> {
  const { config, now, dnsBudgetMs, store } = deps;
  const { hostname } = config;
  const dns = new DnsBudget(deps.resolve, dnsBudgetMs, now);
  const data = await openData(message.raw, store);
  const { evidence, obstacle } = await authenticate(data, message.envelope, {
    resolve: dns.resolve,
    hostname,
    now,
  });
  const auth = judgeAuthentication(evidence, { hostname, ...config.validate });
  const isTemporary = hasTemporaryFailure(auth, dns.didFail);
  const warnings = [
    ...message.warnings,
    ...findForgedResults(message.message.headers, servedDomains(config)),
    ...warningsOf(auth, obstacle),
    ...findOddities(message, auth, config),
    ...(config.validate.findDuplicates ? await findDuplicate(message, store) : []),
    ...(isTemporary ? [warn("dns-failure", "DNS did not answer; see the results in auth")] : []),
  ];
  return { message: { ...message, auth, warnings }, isTemporary };
}

/** The message as sent, without the envelope block in front. */
async function openData(raw: RawObject, store: ObjectStore): Promise<AsyncIterable<Uint8Array>> {
  // S3 answers a range that begins at the object's end with 416.
  if (raw.sizeBytes === 0) return nothing();
  const object = await store.get(raw.key, { start: raw.envelopeBytes });
  if (object === null) throw new PermanentError(`${raw.key}: no such object`);
  return object.body;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
