/**
 * The paths of MAIL and RCPT (RFC 5321 §4.1.2, RFC 6531 §3.3): one cursor, no backtracking. As lenient as the grammar
 * in two places: an underscore may stand in a domain, and a local part may be longer than 64 octets (VERP).
 */
import { parseIp } from "../../mail/cidr.ts";
import { domainMaxOctets } from "./limits.ts";

export interface Path {
  /** The mailbox in its plainest form: `"a"@d` is `a@d`; case is kept. Null is `<>`. */
  readonly mailbox: string | null;
  /** What stands behind the path: nothing, or a space and parameters. */
  readonly rest: string;
}

/** What follows `FROM:`. Null for what is no reverse-path. */
export function parseReversePath(text: string): Path | null {
  return text.startsWith("<>") ? behind(text, 2, null) : parsePath(text);
}

/** What follows `TO:`. Null for what is no forward-path. The bare postmaster has no domain (RFC 5321 §4.5.1). */
export function parseForwardPath(text: string): Path | null {
  const postmaster = /^<(postmaster)>/i.exec(text);
  return postmaster === null ? parsePath(text) : behind(text, postmaster[0].length, postmaster[1] ?? null);
}

function parsePath(text: string): Path | null {
  if (!text.startsWith("<")) return null;
  const start = skipRoute(text, 1);
  const local = start === null ? null : readLocalPart(text, start);
  if (local === null || text[local.end] !== "@") return null;
  const domain = readDomain(text, local.end + 1);
  if (domain === null || text[domain.end] !== ">") return null;
  return behind(text, domain.end + 1, `${local.value}@${domain.value}`);
}

function behind(text: string, end: number, mailbox: string | null): Path | null {
  const rest = text.slice(end);
  return rest === "" || rest.startsWith(" ") ? { mailbox, rest } : null;
}

interface Token {
  readonly value: string;
  readonly end: number;
}

const beyondAscii = "\\u0080-\\u{10ffff}";
const dotString = new RegExp(
  `[\\w!#$%&'*+/=?^\`{|}~${beyondAscii}-]+(?:\\.[\\w!#$%&'*+/=?^\`{|}~${beyondAscii}-]+)*`,
  "uy",
);
const wholeDotString = new RegExp(`^(?:${dotString.source})$`, "u");
const quotedString = new RegExp(`"((?:[ !#-[\\]-~${beyondAscii}]|\\\\[ -~])*)"`, "uy");
const domainName = new RegExp(`[\\w${beyondAscii}.-]+`, "uy");
const label = new RegExp(`^[\\w${beyondAscii}](?:[\\w${beyondAscii}-]{0,61}[\\w${beyondAscii}])?$`, "u");
const addressLiteral = /\[([\w.:]+)\]/y;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** A source route is read and forgotten, as RFC 5321 §4.1.1.3 wants it. */
function skipRoute(text: string, from: number): number | null {
  let at = from;
  while (text[at] === "@") {
    const host = readDomain(text, at + 1);
    if (host === null) return null;
    if (text[host.end] === ":") return host.end + 1;
    if (text[host.end] !== "," || text[host.end + 1] !== "@") return null;
    at = host.end + 1;
  }
  return at;
}

function readLocalPart(text: string, at: number): Token | null {
  const plain = match(dotString, text, at)?.[0];
  if (plain !== undefined) return { value: plain, end: at + plain.length };
  const quoted = match(quotedString, text, at);
  if (quoted === null) return null;
  const value = (quoted[1] ?? "").replaceAll(/\\(.)/g, "$1");
  return { value: wholeDotString.test(value) ? value : quote(value), end: at + quoted[0].length };
}

const quote = (value: string) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`;

function readDomain(text: string, at: number): Token | null {
  const literal = match(addressLiteral, text, at);
  if (literal !== null) {
    return isAddress(literal[1] ?? "") ? { value: literal[0], end: at + literal[0].length } : null;
  }
  const name = match(domainName, text, at)?.[0];
  if (name === undefined || Buffer.byteLength(name) > domainMaxOctets) return null;
  return name.split(".").every((part) => label.test(part)) ? { value: name, end: at + name.length } : null;
}

/** `192.0.2.1` or `IPv6:2001:db8::1`: the tags of other literals are not registered (RFC 5321 §4.1.3). */
function isAddress(text: string): boolean {
  const [, ipv6] = /^IPv6:(.*)$/i.exec(text) ?? [];
  return ipv6 === undefined
    ? !text.includes(":") && parseIp(text) !== null
    : ipv6.includes(":") && parseIp(ipv6) !== null;
}
