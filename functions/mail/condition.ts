/** Whether a route's conditions hold, as far as the facts go: the one code for RCPT and for the whole message. */
import { type Captures, matchAddress, nullPath } from "./address-pattern.ts";
import { isOfNetwork, parseIp } from "./cidr.ts";
import type { ValidatedMessage } from "./messages.ts";
import { foldCase, matchPattern, parsePattern } from "./pattern.ts";
import { type Conditions, mailKinds, type When } from "./when.ts";

/** "unknown" is what cannot be told yet (the message is not there) or never will (it could not be read). */
export type Verdict = "yes" | "no" | "unknown";

export interface Facts {
  readonly recipient: string;
  /** Null is `<>`. */
  readonly mailFrom: string | null;
  readonly remoteIp: string;
  readonly isTls: boolean;
  /** Null at RCPT. */
  readonly message: ValidatedMessage | null;
}

type Value = string | number | boolean;

export interface JudgedCondition {
  /** As the config names it: `recipient`, `header X-Spam-Flag`, `not`. */
  readonly condition: string;
  /** What the config asks for: any of these. */
  readonly expected: readonly Value[];
  /** What the mail has; null where that is unknown. */
  readonly seen: readonly Value[] | null;
  readonly verdict: Verdict;
  /** Of a recipient pattern that matched. */
  readonly captures: Captures;
  /** Of a `not`: the conditions that must not all hold. */
  readonly negated: readonly JudgedCondition[];
}

/** Judges each condition when asked for it, so that a caller may stop at the first "no". */
export function* judgeConditions({ not, ...conditions }: When, facts: Facts): Generator<JudgedCondition> {
  yield* judgeEnvelope(conditions, facts);
  yield* judgeContent(conditions, facts.message);
  if (not === undefined) return;
  const negated = [...judgeEnvelope(not, facts), ...judgeContent(not, facts.message)];
  const verdict = negations[judgeAll(negated).verdict];
  yield { condition: "not", expected: [], seen: [], verdict, captures: {}, negated };
}

/** All of them together: one "no" is "no", else one "unknown" is "unknown". Asks for no more than it needs. */
export function judgeAll(judged: Iterable<JudgedCondition>): Pick<JudgedCondition, "verdict" | "captures"> {
  let verdict: Verdict = "yes";
  let captures: Captures = {};
  for (const condition of judged) {
    if (condition.verdict === "no") return { verdict: "no", captures: {} };
    if (condition.verdict === "unknown") verdict = "unknown";
    captures = { ...captures, ...condition.captures };
  }
  return { verdict, captures };
}

const negations = { yes: "no", no: "yes", unknown: "unknown" } as const satisfies Record<Verdict, Verdict>;

function* judgeEnvelope(conditions: Conditions, facts: Facts): Generator<JudgedCondition> {
  const { recipient, mailFrom, remoteIp, tls } = conditions;
  if (recipient !== undefined) yield judgeRecipientPatterns(recipient, facts.recipient);
  yield* judge("mailFrom", mailFrom, () => [facts.mailFrom ?? nullPath], matchesAddress);
  yield* judge("remoteIp", remoteIp, () => (parseIp(facts.remoteIp) ? [facts.remoteIp] : null), isOfNetwork);
  yield* judge("tls", only(tls), () => [facts.isTls], isSame);
}

function* judgeContent(conditions: Conditions, message: ValidatedMessage | null): Generator<JudgedCondition> {
  const { from, subject, header = {}, minSize, maxSize, hasAttachments, attachmentType } = conditions;
  const { spf, dkim, dmarc, arc, kind } = conditions;
  const size = () => message && [message.raw.sizeBytes];
  const auth = message?.auth;
  const read = message?.isParsed ? message : null;
  yield* judge("from", from, () => read?.message.from.map(({ address }) => address), matchesAddress);
  yield* judge("subject", subject, () => read && subjects(read), matchesText);
  for (const [name, patterns] of Object.entries(header)) {
    yield* judge(`header ${name}`, patterns, () => read && headerValues(name, read), matchesText);
  }
  yield* judge("minSize", only(minSize), size, (least, sizeBytes) => sizeBytes >= least);
  yield* judge("maxSize", only(maxSize), size, (most, sizeBytes) => sizeBytes <= most);
  yield* judge("hasAttachments", only(hasAttachments), () => read && [isAnythingAttached(read)], isSame);
  yield* judge("attachmentType", attachmentType, () => read?.attachments.map(typeOf), matchesText);
  yield* judge("spf", spf, () => auth && [auth.spf.result], isSame);
  yield* judge("dkim", dkim, () => auth && dkimResults(auth.dkim), isSame);
  yield* judge("dmarc", dmarc, () => auth && [dmarcAsRouted(auth)], isSame);
  yield* judge("arc", arc, () => auth && [auth.arc.result], isSame);
  yield* judge("kind", kind, () => read && kindsOf(read), isSame);
}

/** Yields nothing for a condition that the route does not have. Four parameters, so that each condition is a row. */
function* judge<Expected extends Value, Seen extends Value>(
  condition: string,
  expected: readonly Expected[] | undefined,
  see: () => readonly Seen[] | null | undefined,
  matches: (expected: Expected, seen: Seen) => boolean,
): Generator<JudgedCondition> {
  if (expected === undefined) return;
  const seen = see() ?? null;
  const isMatch = seen?.some((value) => expected.some((one) => matches(one, value)));
  const verdict = isMatch === undefined ? "unknown" : isMatch ? "yes" : "no";
  yield { condition, expected, seen, verdict, captures: {}, negated: [] };
}

function judgeRecipientPatterns(patterns: readonly string[], recipient: string): JudgedCondition {
  const judged = { condition: "recipient", expected: patterns, seen: [recipient], negated: [] };
  for (const pattern of patterns) {
    const captures = matchAddress(pattern, recipient);
    if (captures !== null) return { ...judged, verdict: "yes", captures };
  }
  return { ...judged, verdict: "no", captures: {} };
}

const only = <One>(one: One | undefined) => (one === undefined ? undefined : [one]);

const isSame = (expected: Value, seen: Value) => expected === seen;

const matchesAddress = (pattern: string, address: string) => matchAddress(pattern, address) !== null;

/** Both forms of a letter with an accent are one letter. */
function matchesText(patternText: string, text: string): boolean {
  const parsed = parsePattern(patternText.normalize("NFC"));
  return parsed.kind === "pattern" && matchPattern(parsed.pattern, foldCase(text.normalize("NFC"))) !== null;
}

const subjects = ({ message: { subject } }: ValidatedMessage) => (subject === null ? [] : [subject]);

const typeOf = ({ contentType }: ValidatedMessage["attachments"][number]) => contentType;

function headerValues(name: string, { message }: ValidatedMessage): string[] {
  const wanted = name.toLowerCase();
  return message.headers.flatMap(([field, value]) => (field.toLowerCase() === wanted ? [value.trim()] : []));
}

/** A failure that a trusted sealer explains is not one: forwarding broke what it saw pass. Nor is it a pass. */
const dmarcAsRouted = ({ dmarc, arc }: ValidatedMessage["auth"]) =>
  dmarc.result === "fail" && arc.trusted ? "arc" : dmarc.result;

/** An image that the HTML embeds is part of the text, not something attached. */
const isAnythingAttached = ({ attachments }: ValidatedMessage) =>
  attachments.some(({ disposition, contentId }) => disposition === "attachment" || contentId === null);

/** One signature that passes is enough (RFC 6376 §6.1): beside it, what the others failed by means nothing. */
function dkimResults(signatures: ValidatedMessage["auth"]["dkim"]): string[] {
  const results = new Set(signatures.map(({ result }) => result));
  if (results.has("pass")) return ["pass"];
  return results.size === 0 ? ["none"] : [...results];
}

type MailKind = (typeof mailKinds)[number];

/** What kinds of mail it is: none for a letter, several for a signed list mail. */
export function kindsOf({ kind }: ValidatedMessage): MailKind[] {
  const isKind: Record<MailKind, boolean> = {
    "auto-reply": kind.automatic === "auto-replied" || kind.automatic === "vacation",
    "auto-generated": kind.automatic === "auto-generated",
    bounce: kind.bounce !== null,
    feedback: kind.feedback !== null,
    receipt: kind.receipt !== null,
    list: kind.list !== null,
    calendar: kind.calendar !== null,
    encrypted: kind.encrypted !== null,
    signed: kind.signed !== null,
  };
  return mailKinds.filter((name) => isKind[name]);
}
