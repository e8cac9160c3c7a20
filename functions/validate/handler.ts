import type { SqsHandler } from "../aws/consume.ts";
import { lambdaHandler } from "../aws/lambda.ts";
import { createStageHandler, type HandlerDeps, sendMessages } from "../aws/stage.ts";
import { ParsedMessage } from "../mail/messages.ts";
import type { Resolve } from "../mail/ports.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import { createResolver } from "./dns.ts";
import { type ValidateConfig, type Validated, validate } from "./validate.ts";

export interface ValidateHandlerDeps extends HandlerDeps {
  readonly resolve: Resolve;
  readonly config: () => Promise<ValidateConfig>;
  /** Rests before a message whose DNS failed is tried again; after the last it goes on with what is known. */
  readonly dnsRetryDelaysSeconds?: readonly number[];
  /** All of one message's questions to DNS. */
  readonly dnsBudgetMs?: number;
}

const dnsDefaults = { retryDelaysSeconds: [10, 60, 300], budgetMs: 15_000 } as const;

export function createValidateHandler(deps: ValidateHandlerDeps): SqsHandler {
  const { dnsRetryDelaysSeconds = dnsDefaults.retryDelaysSeconds, dnsBudgetMs = dnsDefaults.budgetMs } = deps;
  return createStageHandler(
    { stage: "validate", schema: ParsedMessage },
    async (parsed, { receiveCount }) => {
      const startedMs = deps.now();
      const validated = await validate(parsed, { ...deps, config: await deps.config(), dnsBudgetMs });
      const delaySeconds = validated.isTemporary ? dnsRetryDelaysSeconds[receiveCount - 1] : undefined;
      if (delaySeconds === undefined) await sendMessages("route", [{ body: validated.message }], deps);
      deps.log(describe(validated, { startedMs, nowMs: deps.now(), receiveCount, delaySeconds }));
      return delaySeconds === undefined ? { kind: "done" } : { kind: "again", delaySeconds };
    },
    deps,
  );
}

interface Run {
  readonly startedMs: number;
  readonly nowMs: number;
  readonly receiveCount: number;
  /** Undefined where the message goes on. */
  readonly delaySeconds: number | undefined;
}

function describe({ message }: Validated, { startedMs, nowMs, receiveCount, delaySeconds }: Run): StageEvent {
  const { spf, dkim, dmarc, arc, senderVerified } = message.auth;
  const verdict = {
    spf: spf.result,
    dkim:
      dkim.length === 0 ? "none" : dkim.map(({ result, domain }) => `${result} ${domain}`.trim()).join(", "),
    dmarc: dmarc.result,
    arc: arc.result,
    arcTrusted: arc.trusted,
    fromDomain: dmarc.domain,
    senderVerified,
    warnings: message.warnings.map(({ code }) => code).join(", "),
  };
  return {
    at: new Date(nowMs).toISOString(),
    stage: "validate",
    id: message.id,
    outcome: delaySeconds === undefined ? "validated" : "again",
    durationMs: nowMs - startedMs,
    detail:
      delaySeconds === undefined
        ? verdict
        : { ...verdict, reason: "DNS did not answer", receiveCount, delaySeconds },
  };
}

export const handler = lambdaHandler((aws) =>
  createValidateHandler({ ...aws, resolve: createResolver({ now: aws.now }) }),
);
