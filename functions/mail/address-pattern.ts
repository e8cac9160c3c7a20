/**
 * Patterns for addresses: `local@domain`, each side a glob of its own, so that no wildcard crosses the `@`; or `*`
 * for any; or `<>` for the null reverse-path. Case means nothing on either side: RFC 5321 §2.4 lets the local part
 * carry it, but nearly every receiver folds it, and two mailboxes apart by case alone are a trap. What is captured
 * keeps its case.
 */
import { foldCase, matchPattern, type Parsed, type Pattern, parsePattern, type Span } from "./pattern.ts";

export type AddressPattern =
  | { readonly kind: "any" }
  | { readonly kind: "null" }
  | { readonly kind: "mailbox"; readonly localPart: Pattern; readonly domain: Pattern };

export type Captures = Readonly<Record<string, string>>;

export interface Mailbox {
  /** Without its quotes: `"a"@d` is `a@d` (RFC 5321 §4.1.2). */
  readonly localPart: string;
  /** Lower case; labels beyond ASCII as A-labels. */
  readonly domain: string;
}

/** A domain as DNS has it (RFC 1035 §2.3.1, and digits first as RFC 1123 §2.1 allows). */
export const domainName =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** How the null reverse-path is written where a string is asked for. */
export const nullPath = "<>";

export function parseAddressPattern(text: string): Parsed<AddressPattern> {
  if (text === "*") return { kind: "pattern", pattern: { kind: "any" } };
  if (text === nullPath) return { kind: "pattern", pattern: { kind: "null" } };
  const at = text.lastIndexOf("@");
  if (at < 0) return problem("has no @; write an address pattern such as *@example.com");
  if (at === 0) return problem(`has nothing before the @; write *${text.slice(0, 100)} for every local part`);
  const localPart = parsePattern(withoutQuotes(text.slice(0, at)));
  if (localPart.kind === "problem") return localPart;
  const domain = parsePattern(toALabels(text.slice(at + 1)));
  if (domain.kind === "problem") return domain;
  if (!isDomainPattern(domain.pattern)) {
    return problem(
      "has no domain after the @; write letters, digits, hyphens and dots, such as *@example.com",
    );
  }
  const names = [...localPart.pattern.wildcards, ...domain.pattern.wildcards].filter((name) => name !== null);
  if (new Set(names).size < names.length)
    return problem("captures one name twice; give each capture its own");
  return {
    kind: "pattern",
    pattern: { kind: "mailbox", localPart: localPart.pattern, domain: domain.pattern },
  };
}

/** What the pattern captures of an address; null where it does not match, or is no pattern. */
export function matchAddress(patternText: string, address: string): Captures | null {
  const pattern = compileAddressPattern(patternText);
  if (pattern === null) return null;
  if (pattern.kind === "any") return {};
  if (pattern.kind === "null" || address === nullPath) {
    return pattern.kind === "null" && address === nullPath ? {} : null;
  }
  if (address !== last.address) last = foldMailbox(address);
  const domain = matchPattern(pattern.domain, last.foldedDomain);
  const localPart = domain && matchPattern(pattern.localPart, last.foldedLocalPart);
  if (domain === null || localPart === null) return null;
  return Object.fromEntries([
    ...capture(pattern.localPart, localPart, last.localPart),
    ...capture(pattern.domain, domain, last.domain),
  ]);
}

/** Splits an address at its last `@`; a bare local part has the domain "". */
export function parseMailbox(address: string): Mailbox {
  const at = address.lastIndexOf("@");
  if (at < 0) return { localPart: unquote(address), domain: "" };
  return { localPart: unquote(address.slice(0, at)), domain: foldCase(toALabels(address.slice(at + 1))) };
}

const problem = (text: string) => ({ kind: "problem", problem: text }) as const;

const quotedString = /^"(.*)"$/s;

/** In a pattern `\` is the glob's; in an address it is the quoted string's. */
const withoutQuotes = (localPart: string) => quotedString.exec(localPart)?.[1] ?? localPart;

const unquote = (localPart: string) =>
  quotedString.exec(localPart)?.[1]?.replaceAll(/\\(.)/gs, "$1") ?? localPart;

const labelMaxLength = 63;
const lettersAndDigits = /^[\p{L}\p{M}\p{N}-]+$/u;
const isAscii = /^[\0-\x7f]*$/;

/** Each label beyond ASCII in its ASCII form (RFC 5890), so that both forms of a domain are one. */
function toALabels(domain: string): string {
  if (isAscii.test(domain)) return domain;
  return domain.split(".").map(toALabel).join(".");
}

/** Only a form that says `xn--` counts: what folds to plain ASCII (full-width letters) is another's name in disguise. */
function toALabel(label: string): string {
  const url = `http://${label}`;
  if (isAscii.test(label) || label.length > labelMaxLength || !lettersAndDigits.test(label)) return label;
  const aLabel = URL.canParse(url) ? new URL(url).hostname : "";
  return aLabel.startsWith("xn--") ? aLabel : label;
}

const addressLiteral = /^\[[a-z0-9:.]+\]$/;

/** What no domain can match is a slip of the pen (`*@example,com`). */
function isDomainPattern({ literals }: Pattern): boolean {
  const example = literals.join("x");
  return domainName.test(example) || addressLiteral.test(example);
}

function foldMailbox(address: string) {
  const { localPart, domain } = parseMailbox(address);
  return { address, localPart, domain, foldedLocalPart: foldCase(localPart), foldedDomain: foldCase(domain) };
}

/** Many patterns in turn are asked about one address, so the last one is kept at hand. */
let last = foldMailbox("");

function capture(
  { wildcards }: Pattern,
  spans: readonly Span[],
  text: string,
): [name: string, text: string][] {
  return spans.flatMap(({ start, end }, index) => {
    const name = wildcards[index] ?? null;
    return name === null ? [] : [[name, text.slice(start, end)]];
  });
}

/** Patterns come from config files alone, so this holds little; it is emptied before reloads could make it grow. */
const compiled = new Map<string, AddressPattern | null>();
const compiledMax = 100_000;

/** {@link parseAddressPattern}, once for each pattern; null for what is none. */
export function compileAddressPattern(text: string): AddressPattern | null {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= compiledMax) compiled.clear();
  const parsed = parseAddressPattern(text);
  const pattern = parsed.kind === "pattern" ? parsed.pattern : null;
  compiled.set(text, pattern);
  return pattern;
}
