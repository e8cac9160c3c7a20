/** From what each mechanism found to the verdict a webhook carries. */
import type * as z from "zod";
import { ArcResult, type Authentication, DkimResult, DmarcResult, SpfResult } from "../mail/messages.ts";
import { type ValidateWarning, warn } from "./warnings.ts";

interface Status {
  readonly result: string;
  readonly comment?: string;
}

export interface SpfEvidence {
  /** Of the reverse-path, or of HELO where that is `<>`. */
  readonly domain: string;
  readonly status: Status;
  /** The mechanism's part of Authentication-Results. */
  readonly info: string;
}

export interface DkimEvidence {
  readonly signingDomain?: string;
  readonly selector?: string;
  /** The signature has `l=`. */
  readonly canonBodyLengthLimited?: boolean;
  /** `underSized` is the number of body octets that `l=` leaves unsigned. */
  readonly status: Status & {
    readonly underSized?: number;
    readonly policy?: Readonly<Record<string, string | undefined>>;
  };
  readonly info: string;
}

export interface DmarcEvidence {
  readonly status: Status & { readonly header?: { readonly from?: string } };
  readonly policy?: string;
  /** There where a policy record applies. */
  readonly alignment?: {
    readonly spf: { readonly result?: string };
    readonly dkim: { readonly result?: string; readonly underSized?: number };
  };
  readonly info: string;
}

export interface ArcEvidence {
  readonly status: Status;
  readonly sealer: string | null;
  /** One for each set, oldest first. */
  readonly seals: readonly ArcSeal[];
  readonly info?: string;
}

export interface ArcSeal {
  readonly domain: string;
  /** The From domain for which the sealer saw DMARC pass; null where it did not, or does not say for which. */
  readonly dmarcPassFor: string | null;
}

/** Ours: the authserv-id of the verdict (RFC 8601 §2.5), and whose seals count. */
export interface Authority {
  readonly hostname: string;
  /** Domains, in lower case. */
  readonly trustedArcSealers: readonly string[];
}

export interface Evidence {
  readonly spf: SpfEvidence;
  readonly dkim: readonly DkimEvidence[];
  /** Null where From names no domain, or more than one: nothing can vouch for such an author, which is a failure. */
  readonly dmarc: DmarcEvidence | null;
  readonly arc: ArcEvidence;
  /** The signing domains that align, by the policy record; empty where none applies. */
  readonly alignedDomains: ReadonlySet<string>;
}

/** The verdict that stands in the webhook. */
export function judgeAuthentication(evidence: Evidence, authority: Authority): Authentication {
  const { spf, dkim, dmarc, arc, alignedDomains } = evidence;
  const fromDomain = dmarc?.status.header?.from ?? null;
  const signatures = dkim.filter(({ status }) => status.result !== "none");
  const isAligned = (domain: string) => domain === fromDomain || alignedDomains.has(domain);
  return {
    spf: {
      result: known(SpfResult, spf.status.result, "permerror"),
      domain: /^[^[\]\s]+\.[^[\]\s]+$/.test(spf.domain) ? spf.domain : null,
      aligned: spf.domain === fromDomain || dmarc?.alignment?.spf.result === spf.domain,
    },
    dkim: signatures.map(({ signingDomain = "", selector = "", canonBodyLengthLimited, status }) => ({
      result: known(DkimResult, status.result, "permerror"),
      domain: signingDomain,
      selector,
      aligned: isAligned(signingDomain.toLowerCase()),
      bodyLengthLimited: canonBodyLengthLimited === true,
      detail: status.comment ?? status.policy?.["dkim-rules"] ?? null,
    })),
    dmarc: {
      result: dmarc ? known(DmarcResult, dmarc.status.result, "permerror") : "fail",
      policy: policyOf(dmarc),
      domain: fromDomain,
    },
    arc: {
      result: known(ArcResult, arc.status.result, "fail"),
      sealer: arc.sealer,
      trusted: isTrusted(arc, fromDomain, authority.trustedArcSealers),
    },
    senderVerified: isSenderVerified(dmarc),
    header: headerOf(evidence, authority.hostname),
  };
}

/**
 * DMARC passed, and not only by a signature that leaves part of the body unsigned: what stands there may be anyone's
 * (RFC 6376 §8.2).
 */
function isSenderVerified(dmarc: DmarcEvidence | null): boolean {
  if (dmarc?.status.result !== "pass") return false;
  const { spf, dkim } = dmarc.alignment ?? {};
  return spf?.result !== undefined || !dkim?.underSized;
}

/**
 * Back from the last seal, as far as sealers are trusted: one of them saw DMARC pass for this author. Before the first
 * stranger anyone may have written anything.
 */
function isTrusted(
  { status, seals }: ArcEvidence,
  fromDomain: string | null,
  trusted: readonly string[],
): boolean {
  if (status.result !== "pass" || fromDomain === null) return false;
  const stranger = seals.findLastIndex(({ domain }) => !trusted.includes(domain));
  return seals.slice(stranger + 1).some(({ dmarcPassFor }) => dmarcPassFor === fromDomain);
}

function policyOf(dmarc: DmarcEvidence | null): "none" | "quarantine" | "reject" | null {
  const policy = dmarc?.policy;
  return policy === "none" || policy === "quarantine" || policy === "reject" ? policy : null;
}

function headerOf({ spf, dkim, dmarc, arc }: Evidence, hostname: string): string {
  const dmarcInfo = dmarc ? dmarc.info : "dmarc=fail (no single author domain)";
  const parts = [
    hostname,
    ...dkim.map(({ info }) => info),
    spf.info,
    arc.info ?? `arc=${arc.status.result}`,
    dmarcInfo,
  ];
  return parts.join("; ");
}

function known<Result extends string>(schema: z.ZodType<Result>, value: string, otherwise: Result): Result {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : otherwise;
}

/** The evidence on a message that could not be looked at: SPF, and of the rest only that it was not done. */
export function refuseMessage(reason: string, hasArc: boolean, spf: SpfEvidence): Evidence {
  return {
    spf,
    dkim: [refuseSignature({ status: { result: "policy" }, info: "" }, reason)],
    dmarc: { status: { result: "permerror" }, info: "dmarc=permerror" },
    arc: { status: { result: hasArc ? "fail" : "none" }, sealer: null, seals: [] },
    alignedDomains: new Set(),
  };
}

/** A signature that is there, and was not looked at (RFC 8601 §2.7.1 "policy"). */
export function refuseSignature<Signature extends DkimEvidence>(
  signature: Signature,
  reason: string,
): DkimEvidence {
  if (signature.status.result === "none") return signature;
  return { ...signature, status: { result: "policy", comment: reason }, info: "dkim=policy" };
}

/** Results that may come out otherwise when DNS answers. An ARC failure does not say what it came from. */
export const hasTemporaryFailure = ({ spf, dkim, dmarc, arc }: Authentication, didDnsFail: boolean) =>
  [spf, dmarc, ...dkim].some(({ result }) => result === "temperror") || (didDnsFail && arc.result === "fail");

/** What a person should know about the verdict. */
export function warningsOf({ dkim }: Authentication, obstacle: string | null): ValidateWarning[] {
  const limited = dkim.filter(({ bodyLengthLimited }) => bodyLengthLimited).map(({ domain }) => domain);
  return [
    ...(obstacle === null ? [] : [warn("not-authenticated", obstacle)]),
    ...limited.map((domain) =>
      warn("dkim-body-length", `the signature of ${domain} need not cover the whole body (l=)`),
    ),
  ];
}
